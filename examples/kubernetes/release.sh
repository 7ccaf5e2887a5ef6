#!/bin/sh
# One release: the migration with its grants and, only when it is complete, the servers.
#
# `kubectl wait --for=condition=complete` gives up after 30 s and does not notice a failed job. Here a failed job ends
# the release, and activeDeadlineSeconds in migrate.yaml limits the wait.
set -eu
cd "$(dirname "$0")"
job=latchkey-migrate

kubectl delete job "$job" --ignore-not-found
kubectl apply -k . --selector latchkey.example.com/step=prepare

state() {
  kubectl get job "$job" -o jsonpath='{range .status.conditions[?(@.status=="True")]}{.type} {end}'
}
while :; do
  case " $(state) " in
    *" Complete "*) break ;;
    *" Failed "*)
      kubectl logs "job/$job" --tail=50 >&2 || true
      echo 'The migration failed. The servers were left as they are.' >&2
      exit 1
      ;;
  esac
  sleep "${POLL_SECONDS:-2}"
done

kubectl apply -k .
kubectl rollout status deployment/latchkey --timeout=10m
