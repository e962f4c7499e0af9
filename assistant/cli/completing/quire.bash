# Completion of quire for bash; made by: quire completion install bash
_quire_completion() {
    local quire kind value
    quire=$(type -P -- "$1") || quire=quire
    COMPREPLY=()
    while IFS=$'\t' read -r kind value; do
        case $kind in
            plain) COMPREPLY+=("$value") ;;
            file) compopt -o default -o filenames 2>/dev/null ;;
            dir) compopt -o dirnames -o filenames 2>/dev/null ;;
        esac
    done <<< "$(_QUIRE_COMPLETE=bash command "$quire" \
        "${COMP_LINE:0:COMP_POINT}" "$COMP_TYPE" "$COMP_WORDBREAKS" 2>/dev/null)"
}
complete -o nosort -F _quire_completion quire 2>/dev/null ||
    complete -F _quire_completion quire
