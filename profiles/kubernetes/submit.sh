#!/bin/sh
# submit.sh CPUS MEM_MB MINUTES GPUS SCRIPT creates a Kubernetes job with one pod that runs the script. Prints its name.
set -eu
cpus=$1 mem=$2 minutes=$3 gpus=$4 script=$5
kubectl create --output=name --filename=- <<END | sed 's|.*/||'
apiVersion: batch/v1
kind: Job
metadata:
  generateName: gan-bench-
  labels: {app: gan-bench}
spec:
  backoffLimit: 0
  activeDeadlineSeconds: $((minutes * 60))
  ttlSecondsAfterFinished: 86400
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: job
          image: "${GAN_BENCH_IMAGE:?the image that jobs run in}"
          command: [sh, "$script"]
          workingDir: "$PWD"
          env: [{name: OMP_NUM_THREADS, value: "1"}]
          resources:
            requests: {cpu: "$cpus", memory: ${mem}M}
            limits: {memory: ${mem}M, nvidia.com/gpu: "$gpus"}
          volumeMounts: [{name: work, mountPath: "${GAN_BENCH_MOUNT:-$PWD}"}]
      volumes: [{name: work, persistentVolumeClaim: {claimName: "${GAN_BENCH_CLAIM:?the claim of the shared volume}"}}]
END
