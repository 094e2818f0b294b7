#!/bin/sh
# status.sh ID prints the state of a job that submit.sh started: running, success or failed.
rc=.snakemake/gan_bench_node/$1.rc
alive() { tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -q gan-bench-job; }
if alive "$1"; then echo running; exit 0; fi
if [ "$(cat "$rc" 2>/dev/null)" = 0 ]; then echo success; else echo failed; fi
