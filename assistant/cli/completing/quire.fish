# Completion of quire for fish; made by: quire completion install fish
function __quire_completion
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (env _QUIRE_COMPLETE=fish quire $words[2..-1] "$current" 2>/dev/null)
        set -l parts (string split -m 1 \t -- $line)
        switch $parts[1]
            case plain
                echo $parts[2]
            case file
                __fish_complete_path "$current"
            case dir
                __fish_complete_directories "$current"
        end
    end
end
complete -c quire -e
complete -c quire -k -f -a "(__quire_completion)"
