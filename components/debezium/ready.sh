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
  printf '%s\n' "$(date +%s)" "$mark" >"$progress.new"
  mv "$progress.new" "$progress"
  rm -f "$restarts"
  [ ! -s "$problems" ] || : >"$problems"
fi
if stalled; then
  report "$(disturbance)"
  exit 1
fi
