#compdef vmux
# Completion of vmux for zsh. `vmux complete` says what may stand at the cursor, with the sessions of
# the running vmuxd.
_vmux() {
    local -a lines texts shown
    local line
    lines=("${(@f)$(command vmux complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    case $lines[1] in
        files) _files; return ;;
        directories) _files -/; return ;;
        commands) _command_names -e; return ;;
    esac
    for line in "${(@)lines[2,-1]}"; do
        [[ -n $line ]] || continue
        texts+=("${line%%$'\t'*}")
        shown+=("${line#*$'\t'}")
    done
    (( $#texts )) && compadd -l -V vmux -d shown -a -- texts
}
if [ "$funcstack[1]" = _vmux ]; then
    _vmux "$@"
else
    compdef _vmux vmux
fi
