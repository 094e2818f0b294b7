#!/bin/sh
# submit.sh GPUS SCRIPT starts a job on this machine and prints its process id. If GPUS is not 0, the job waits for one
# device, and locks a file of the device while it runs. The kernel releases the lock when the job ends.
gpus=$1 script=$2
state=.snakemake/gan_bench_node
mkdir -p "$state" .snakemake/cluster_logs
devices=${GAN_BENCH_DEVICES:-${CUDA_VISIBLE_DEVICES:-$(nvidia-smi --query-gpu=index --format=csv,noheader 2>/dev/null | paste -sd, -)}}
if [ "$gpus" != 0 ] && [ -z "$devices" ]; then
    echo "gan-bench: a job wants a GPU and this machine shows none: set GAN_BENCH_DEVICES=0,1,..." >&2
    exit 1
fi
# The job is the process group of this shell. Its exit code is written to a file.
setsid sh -c '
    script=$1 state=$2 gpus=$3 devices=$4 per_device=$5
    rm -f "$state/$$.rc"  # of an earlier process with the same id
    run() {
        sh "$script" >".snakemake/cluster_logs/$$.log" 2>&1
        echo $? >"$state/$$.rc.part"
        mv "$state/$$.rc.part" "$state/$$.rc"
        exit 0
    }
    [ "$gpus" = 0 ] && run
    while :; do
        slot=1
        while [ "$slot" -le "$per_device" ]; do
            for device in $(echo "$devices" | tr , " "); do
                exec 9>"$state/device-$device.$slot"
                if flock --nonblock 9; then
                    export CUDA_VISIBLE_DEVICES=$device
                    run
                fi
            done
            slot=$((slot + 1))
        done
        sleep 1
    done
' gan-bench-job "$script" "$PWD/$state" "$gpus" "$devices" "${GAN_BENCH_PER_DEVICE:-1}" </dev/null >/dev/null 2>&1 &
echo $!
