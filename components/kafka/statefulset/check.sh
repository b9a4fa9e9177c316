#!/bin/bash
# Prints each problem of the cluster, as the broker in this pod sees it, on a line of its own with its fix, and exits 1 if
# there is any.
set -eu

problems=0
if ! timeout 15 bash "$SCRIPTS/quorum.sh" 127.0.0.1 >/dev/null 2>&1; then
  problems=1
  echo "no controller leads: topics, users and offsets cannot change. Two of the nodes nx-kafka-0, 1 and 2 must run with" \
    "their volumes. See why they do not: npm run kubectl -- logs --namespace nx-broker nx-kafka-0 --all-containers --tail 20." \
    'If two of their volumes are lost: docs/operations.md, "When a volume is lost"'
fi
timeout 15 bash "$SCRIPTS/replication.sh" problems || problems=1
exit $problems
