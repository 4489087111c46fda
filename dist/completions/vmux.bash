# Completion of vmux for bash. `vmux complete` says what may stand at the cursor, with the sessions of
# the running vmuxd; it quotes, too.
_vmux() {
    local kind line
    COMPREPLY=()
    {
        IFS= read -r kind || return
        case $kind in
            files) compopt -o default ;;
            directories) compopt -o dirnames -o nospace ;;
            commands)
                while IFS= read -r line; do
                    COMPREPLY+=("$line")
                done < <(compgen -c -- "$2")
                ;;
            *)
                while IFS= read -r line; do
                    COMPREPLY+=("$line")
                done
                ;;
        esac
    } < <(vmux complete bash "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
} && complete -o nosort -F _vmux vmux
