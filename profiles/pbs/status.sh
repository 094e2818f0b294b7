#!/bin/sh
# status.sh ID prints the state of a PBS job: running, success or failed. The server needs job_history_enable, so that
# qstat -x shows finished jobs. If the server does not answer, a job counts as running.
if ! answer=$(qstat -x -f "$1" 2>&1); then
    case $answer in
        *"Unknown Job"*) echo failed ;;
        *) echo running ;;
    esac
    exit 0
fi
case $(echo "$answer" | sed -n 's/^ *job_state = //p') in
    F | C | X) ;;
    *) echo running; exit 0 ;;
esac
# Torque writes exit_status, PBS Pro Exit_status.
if [ "$(echo "$answer" | sed -n 's/^ *[Ee]xit_status = //p')" = 0 ]; then echo success; else echo failed; fi
