#!/bin/sh
# Liveness: the worker answers. Also restarts a failed connector or task, because neither restarts automatically and a
# new worker would find it still failed. The pause after each restart grows from 10 s to a minute, until something
# gets through.
set -eu
. "$(dirname "$0")/health.sh"

answers
# A task that did not stop in time, as in the middle of a snapshot, keeps the replication slot for three minutes from the
# task that replaced it. With the worker it ends at once.
if grep -qs 'Graceful stop of task .* failed' "$problems"; then
  echo "a task did not stop in time: the worker restarts" >>"$CONTAINER_LOG"
  : >"$problems"
  kill "$PROCESS"
  exit 0
fi
failed || exit 0
# The other worker restarts it.
! elsewhere || exit 0
read -r count next 2>/dev/null <"$restarts" || { count=0 next=0; }
now=$(date +%s)
[ "$now" -ge "$next" ] || exit 0
pause=$((count < 3 ? 10 << count : 60))
echo "$((count + 1)) $((now + pause))" >"$restarts"
# To the container's log, too.
report "$(disturbance)" >>"$CONTAINER_LOG" || true
curl --silent --max-time 5 --output /dev/null --request POST \
  "$WORKER/connectors/$CONNECTOR/restart?includeTasks=true&onlyFailed=true" || true
