#!/bin/sh
# status.sh ID -> running, success or failed, of an HTCondor job. A held job (state 5) is removed and counts as failed. If the
# scheduler does not answer, a job counts as running.
state=$(condor_q "$1" -format '%d' JobStatus 2>/dev/null) || { echo running; exit 0; }
if [ -z "$state" ]; then
    # State and exit code in one word: 40 is "completed, 0".
    state=$(condor_history "$1" -limit 1 -format '%d' JobStatus -format '%d' ExitCode 2>/dev/null) || { echo running; exit 0; }
    if [ "$state" = 40 ]; then echo success; else echo failed; fi
    exit 0
fi
case $state in
    4) echo running ;;  # done, on its way into the history
    3 | 5) condor_rm "$1" >/dev/null 2>&1; echo failed ;;
    *) echo running ;;
esac
