#compdef quire
# Completion of quire for zsh; made by: quire completion install zsh
_quire() {
    local line kind value about
    local -a before found
    (( CURRENT > 2 )) && before=("${(@Q)words[2,CURRENT-1]}")
    while IFS=$'\t' read -r kind value about; do
        case $kind in
            plain) found+=("${${value//\\/\\\\}//:/\\:}${about:+:$about}") ;;
            file) compset -P '*='; _files ;;
            dir) compset -P '*='; _files -/ ;;
        esac
    done <<< "$(_QUIRE_COMPLETE=zsh command quire "${before[@]}" "${(Q)PREFIX}" 2>/dev/null)"
    (( $#found )) && _describe -V 'quire' found
}
if [[ $funcstack[1] == _quire ]]; then
    _quire "$@"
else
    compdef _quire quire
fi
