#!/bin/sh
# cancel.sh NAME...: delete Kubernetes jobs with their pods.
kubectl delete job --wait=false "$@"
