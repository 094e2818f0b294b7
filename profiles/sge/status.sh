#!/bin/sh
# status.sh ID prints the state of an SGE job: running, success or failed. A job that qstat lists is running; if it is in
# the error state, it is deleted and has failed. A finished job appears in qacct some seconds after it has left qstat. So a
# job in neither list counts as running for five minutes. If the master does not answer, a job counts as running.
if answer=$(qstat -j "$1" 2>&1); then
    case $(qstat -u "*" 2>/dev/null | awk -v id="$1" '$1 == id { print $5 }') in
        *E*) qdel "$1" >/dev/null 2>&1; echo failed ;;
        *) echo running ;;
    esac
    exit 0
fi
case $answer in
    *"do not exist"*) ;;
    *) echo running; exit 0 ;;
esac
seen=.snakemake/gan_bench_sge_$1
if answer=$(qacct -j "$1" 2>/dev/null); then
    rm -f "$seen"
    if echo "$answer" | grep -q '^failed *0' && echo "$answer" | grep -q '^exit_status *0'; then echo success; else echo failed; fi
else
    [ -e "$seen" ] || touch "$seen"
    if [ -n "$(find "$seen" -mmin +5)" ]; then rm -f "$seen"; echo failed; else echo running; fi
fi
