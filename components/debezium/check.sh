#!/bin/sh
# For `npm run status`: like readiness, but does not wait a minute if the connector does not run.
set -eu
. "$(dirname "$0")/health.sh"

reason=$(disturbance)
if [ -n "$reason" ] || stalled; then
  report "$reason"
  exit 1
fi
