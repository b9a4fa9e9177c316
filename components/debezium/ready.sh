#!/bin/sh
# Readiness: the worker answers, and neither the connector nor its task has failed. A connector that does not exist yet
# has not failed.
set -eu
curl --silent --fail --max-time 5 --output /dev/null "$WORKER/"
status=$(curl --silent --max-time 5 "$WORKER/connectors/$CONNECTOR/status")
case $status in
  *'"state":"FAILED"'*)
    echo "$status"
    exit 1
    ;;
esac
