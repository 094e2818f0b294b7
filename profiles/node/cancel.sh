#!/bin/sh
# cancel.sh ID... ends jobs that submit.sh started, each with its whole process group.
for id; do
    if tr '\0' ' ' <"/proc/$id/cmdline" 2>/dev/null | grep -q gan-bench-job; then kill -TERM -- "-$id"; fi
done
