#!/bin/sh
# cancel.sh NAME... deletes Kubernetes jobs and their pods.
kubectl delete job --wait=false "$@"
