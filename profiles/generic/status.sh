#!/bin/sh
# status.sh ID -> running, success or failed, of a Slurm job.
#
# One squeue in ten seconds serves all jobs: its answer is kept in .snakemake. Where Slurm does not answer, a job counts as
# running: after the outage the truth is known. A job that can never start is cancelled, not waited for; a job that squeue has
# forgotten is looked up in the accounts, where there are any.
id=$1
cache=.snakemake/gan_bench_squeue

# True where the job has asked for the impossible for a minute: a reason may pass, as that of a node that comes back.
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
found=$(state)
if [ -z "$fresh" ] || { [ -z "$found" ] && ! grep -q '^unreachable' "$cache"; }; then
    if squeue --noheader --me --states=all --format='%A %T %r' >"$cache.$$" 2>/dev/null; then
        mv "$cache.$$" "$cache"
    else
        rm -f "$cache.$$"
        echo unreachable >"$cache"
    fi
    found=$(state)
fi
if [ -n "$found" ]; then
    word "$found"
elif grep -q '^unreachable' "$cache"; then
    echo running
else
    found=$(sacct --noheader --allocations --parsable2 --format=State --jobs="$id" 2>/dev/null | head -n 1)
    word "${found:-FORGOTTEN}"
fi
