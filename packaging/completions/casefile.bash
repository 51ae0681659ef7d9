# bash completion for casefile; tests/integration/app holds it to what the program takes
_casefile() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    local shared='--home --config --env-file --toolsets --confirm --log-level --help'
    local tools='list_environments open_case get_case update_case confirm_environment fingerprint query_mysql
        describe_mysql read_redis scan_redis kafka_lag read_kafka diff write_log timeline read_evidence
        verify_evidence draft_postmortem set_plan set_hypothesis set_action set_impact compute_slo
        hand_off record_analysis record_fix draft_document find_runbook next_step list_cases search_notes get_stats
        export_page learn save_pattern find_similar'
    case $previous in
        --home | --dir) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --config | --env-file | --anchors | --output) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --log-level) mapfile -t COMPREPLY < <(compgen -W 'debug info warning error' -- "$current"); return ;;
        --toolsets)
            local before=
            [[ $current == *,* ]] && before=${current%,*},
            mapfile -t COMPREPLY < <(compgen -P "$before" -W 'default work admin observability backend devops' -- "${current##*,}")
            return
            ;;
    esac
    local home=${CASEFILE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/casefile} words
    if [ "$COMP_CWORD" -eq 1 ]; then
        words='serve call confirm attach export import reindex verify replay prune doctor token demo sandbox --help --version'
    else
        case $command in
            call) [ "$COMP_CWORD" -eq 2 ] && words=$tools || words=$shared ;;
            serve) words="$shared --http" ;;
            verify) words="$shared --key --anchors" ;;
            prune) words="$shared --older-than --yes" ;;
            attach) words='--home --name --manifest --help' ;;
            export) words='--home --output --with-sensitive --help' ;;
            import) words='--home --key --help' ;;
            reindex) words='--home --help' ;;
            demo) words='--home --seed --help' ;;
            sandbox)
                case ${COMP_WORDS[2]} in
                    up) words='--dir --seed --help' ;;
                    env) words='--dir --exports --help' ;;
                    down) words='--dir --help' ;;
                esac
                [ "$COMP_CWORD" -eq 2 ] && words='up env down --help'
                ;;
            *) words=$shared ;;
        esac
        if [[ $current != -* ]]; then
            case $command:$COMP_CWORD in
                import:* | attach:[3-9]) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
                attach:2 | export:2 | verify:2 | replay:2 | prune:2) words="$words $(ls "$home/cases" 2>/dev/null)" ;;
            esac
        fi
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _casefile casefile
