#!/bin/sh
# Readiness: changes get through. If none did for a minute, prints why.
set -eu
. "$(dirname "$0")/health.sh"

if ! answers; then
  echo "the worker does not answer"
  exit 1
fi
mark=$(mark)
if [ ! -e "$progress" ] || { [ -n "$mark" ] && [ "$mark" != "$(sed 1d "$progress")" ]; }; then
  # What got through before the task failed is no progress: each restart may send some of it again.
  if [ -e "$progress" ] && failed; then
    time=$(sed -n 1p "$progress")
  else
    time=$(date +%s)
    rm -f "$restarts"
    [ ! -s "$problems" ] || : >"$problems"
  fi
  printf '%s\n' "$time" "$mark" >"$progress.new"
  mv "$progress.new" "$progress"
fi
if stalled; then
  report "$(disturbance)"
  exit 1
fi
