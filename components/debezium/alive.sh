#!/bin/sh
# Alive while the worker answers. What has failed of the connector is started again: a failed task does not do so by itself, and
# a new worker would only find it failed.
set -eu
curl --silent --fail --max-time 5 --output /dev/null "$WORKER/"
case $(curl --silent --max-time 5 "$WORKER/connectors/$CONNECTOR/status") in
  *'"state":"FAILED"'*)
    curl --silent --max-time 5 --output /dev/null --request POST \
      "$WORKER/connectors/$CONNECTOR/restart?includeTasks=true&onlyFailed=true" || true
    ;;
esac
