#!/bin/sh
# status.sh ID prints the state of an HTCondor job: running, success or failed. A held job (JobStatus 5) is removed and
# counts as failed. If the scheduler does not answer, a job counts as running.
state=$(condor_q "$1" -format '%d' JobStatus 2>/dev/null) || { echo running; exit 0; }
if [ -z "$state" ]; then
    # JobStatus and exit code in one word: 40 is JobStatus 4 (completed) and exit code 0.
    state=$(condor_history "$1" -limit 1 -format '%d' JobStatus -format '%d' ExitCode 2>/dev/null) || { echo running; exit 0; }
    if [ "$state" = 40 ]; then echo success; else echo failed; fi
    exit 0
fi
case $state in
    4) echo running ;;  # completed, but not yet in the history
    3 | 5) condor_rm "$1" >/dev/null 2>&1; echo failed ;;
    *) echo running ;;
esac
