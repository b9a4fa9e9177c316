#!/bin/sh
# Ready while the worker answers and nothing of the connector has failed; a connector that is not yet there has not.
set -eu
curl --silent --fail --max-time 5 --output /dev/null "$WORKER/"
status=$(curl --silent --max-time 5 "$WORKER/connectors/$CONNECTOR/status")
case $status in
  *'"state":"FAILED"'*)
    echo "$status"
    exit 1
    ;;
esac
