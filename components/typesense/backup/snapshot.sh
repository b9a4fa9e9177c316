#!/bin/bash
# Has a node write a snapshot of its data on its volume.
#
# NODE               the node
# TYPESENSE_API_KEY  the API key
# FOLDER, NAME       folder of the snapshot there, which must not exist
set -euo pipefail

fail() {
  echo "ERROR: $*" >&2
  exit 1
}

request() {
  bash "$(dirname "$0")/request.sh" "$@"
}

# A node that lags behind its leader says so.
health=$(request GET /health) || fail "$NODE is not healthy: ${health:-it does not answer}"
answer=$(request POST "/operations/snapshot?snapshot_path=$FOLDER/$NAME") || fail "$NODE wrote no snapshot: ${answer:-no answer}"
case $answer in *'"success":true'*) ;; *) fail "$NODE wrote no snapshot: $answer" ;; esac
echo "$NODE has written a snapshot"
