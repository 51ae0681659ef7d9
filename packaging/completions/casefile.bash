# bash completion for casefile
_casefile() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    local shared='--home --config --env-file --toolsets --confirm --log-level --help'
    local tools='list_environments open_case get_case update_case confirm_environment fingerprint query_mysql
        describe_mysql read_redis scan_redis kafka_lag read_kafka diff write_log timeline read_evidence
        verify_evidence draft_postmortem set_plan set_hypothesis set_action set_impact compute_slo
        hand_off record_analysis record_fix draft_document find_runbook next_step list_cases search_notes get_stats
        export_page learn save_pattern find_similar'
    case $previous in
        --home) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
        --config | --env-file | --anchors) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --output) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        --log-level) mapfile -t COMPREPLY < <(compgen -W 'debug info warning error' -- "$current"); return ;;
        --toolsets) mapfile -t COMPREPLY < <(compgen -W 'default work admin observability backend devops' -- "$current"); return ;;
    esac
    local words
    if [ "$COMP_CWORD" -eq 1 ]; then
        words='serve call confirm attach export import reindex verify replay prune doctor token demo sandbox --help --version'
    else
        case $command in
            call) [ "$COMP_CWORD" -eq 2 ] && words=$tools || words=$shared ;;
            sandbox) words='up env down --dir --seed --help' ;;
            serve) words="$shared --http" ;;
            demo) words='--home --seed --help' ;;
            attach | export)
                local home=${CASEFILE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/casefile}
                if [ "$COMP_CWORD" -eq 2 ]; then
                    words=$(ls "$home/cases" 2>/dev/null)
                elif [ "$command" = attach ] && [[ $current != -* ]]; then
                    mapfile -t COMPREPLY < <(compgen -f -- "$current"); return
                else
                    words="--home --help $([ "$command" = attach ] && echo --name --manifest || echo --output --with-sensitive)"
                fi
                ;;
            import)
                if [[ $current != -* ]]; then
                    mapfile -t COMPREPLY < <(compgen -f -- "$current"); return
                fi
                words='--home --key --help'
                ;;
            reindex) words='--home --help' ;;
            verify | replay | prune)
                case $command in
                    verify) words="$shared --key --anchors" ;;
                    prune) words="$shared --older-than --yes" ;;
                    *) words=$shared ;;
                esac
                local home=${CASEFILE_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/casefile}
                [ -d "$home/cases" ] && words="$words $(ls "$home/cases" 2>/dev/null)"
                ;;
            *) words=$shared ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _casefile casefile
