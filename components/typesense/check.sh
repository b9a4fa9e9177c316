#!/bin/bash
# Prints each problem of the cluster on a line of its own with its fix, and exits 1 if there is any.
set -eu
. "$(dirname "$0")/raft.sh"

problems=()
leading='' filled=0
for name in "${names[@]}"; do
  pod=${name%%.*}
  logs="npm run kubectl -- logs --namespace nx-search $pod --container peers"
  read -r address _ < <(timeout 2 getent ahostsv4 "$name") || address=''
  if [ -z "$address" ] || ! look "$address"; then
    problems+=("$pod does not answer. See why: $logs")
    continue
  fi
  if [ -n "$leader" ]; then leading=$leader; fi
  if [ "$log_index" -gt 0 ]; then
    filled=$((filled + 1))
  else
    problems+=("$pod has no data: its volume is new or was lost. The leader fills it, if there is one. See its log: $logs")
  fi
done
if [ -z "$leading" ]; then
  text="no node leads: nothing can be written. $filled of ${#names[@]} nodes answer and have data, and more than half are"
  problems+=("$text needed: bring back the others. If their volumes are lost: docs/operations.md, \"When a volume is lost\"")
fi
[ ${#problems[@]} -eq 0 ] || printf '%s\n' "${problems[@]}"
[ ${#problems[@]} -eq 0 ]
