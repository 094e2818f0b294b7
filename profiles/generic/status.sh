#!/bin/sh
# status.sh ID prints the state of a Slurm job: running, success or failed.
#
# One answer of squeue for all jobs is kept in .snakemake for ten seconds. It is asked earlier for a job that is not in the
# answer. If Slurm does not answer, a job counts as running. A job that can never start is cancelled. If squeue does not
# list a job, sacct is asked; without an answer, the job has failed.
id=$1
cache=.snakemake/gan_bench_squeue

# True from a minute after the first call for this job: some reasons are temporary, such as a node that reboots.
never() {
    mark=.snakemake/gan_bench_never_$id
    [ -e "$mark" ] || : >"$mark"
    [ -z "$(find "$mark" -newermt '60 seconds ago')" ] && rm -f "$mark"
}

word() {
    case $1 in
        COMPLETED*) echo success ;;
        "PENDING PartitionTimeLimit" | "PENDING PartitionNodeLimit" | "PENDING PartitionConfig" | "PENDING BadConstraints")
            if never; then
                echo "gan-bench: job $id asks for more than its partition ever gives (${1#* }): see resources in the profile" >&2
                scancel "$id"
                echo failed
            else
                echo running
            fi ;;
        PENDING* | RUNNING* | COMPLETING* | CONFIGURING* | SUSPENDED* | REQUEUE* | RESIZING* | SIGNALING* | STAGE_OUT* | STOPPED*)
            echo running ;;
        *) echo failed ;;
    esac
}

state() { sed -n "s/^$id //p" "$cache" 2>/dev/null | head -n 1; }

fresh=$(find "$cache" -newermt '10 seconds ago' 2>/dev/null)
entry=$(state)
if [ -z "$fresh" ] || { [ -z "$entry" ] && ! grep -q '^unreachable' "$cache"; }; then
    if squeue --noheader --me --states=all --format='%A %T %r' >"$cache.$$" 2>/dev/null; then
        mv "$cache.$$" "$cache"
    else
        rm -f "$cache.$$"
        echo unreachable >"$cache"
    fi
    entry=$(state)
fi
if [ -n "$entry" ]; then
    word "$entry"
elif grep -q '^unreachable' "$cache"; then
    echo running
else
    entry=$(sacct --noheader --allocations --parsable2 --format=State --jobs="$id" 2>/dev/null | head -n 1)
    word "${entry:-FORGOTTEN}"
fi
