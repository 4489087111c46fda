# Completion of vmux for fish. `vmux complete` says what may stand at the cursor, with the sessions of
# the running vmuxd.
function __vmux_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command vmux complete fish $words[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path $current
        case directories
            __fish_complete_directories $current
        case commands
            complete -C "$current" | string match -r '^[^-].*'
        case words
            string join \n -- $lines[2..-1]
    end
end
complete -c vmux -f -k -a '(__vmux_complete)'
