#!/bin/sh
# Prints each problem of the cluster, as this node sees it, on a line of its own with its fix, and exits 1 if there is any.
set -eu
. "$(dirname "$0")/node.sh"

scripts=$(dirname "$0")

# Prints `resolves HOST IP` for every declared node.
resolved() {
  # shellcheck disable=SC2013 # words of a line
  for host in $(cat "$scripts/hosts"); do echo "resolves $host $(address "$host")"; done
}

{
  resolved
  myself cluster info | tr -d '\r' | sed 's/:/ /; s/^/info /'
  myself cluster nodes | sed 's/^/view /'
} | awk -v masters="$(cat "$scripts/masters")" -v replicas="$(cat "$scripts/replicas-per-master")" -f "$scripts/check.awk"
