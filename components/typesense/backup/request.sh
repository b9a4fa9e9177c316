#!/bin/bash
# request.sh METHOD PATH: sends a request to a node's API, prints the response's body, and fails unless its status says
# success. Typesense's image has no HTTP client.
#
# TYPESENSE_API_KEY  the API key
# NODE               the node (default: this host)
set -euo pipefail
node=${NODE:-127.0.0.1}

exec 3<>"/dev/tcp/$node/8108"
# By HTTP 1.0, the body ends with the connection, and is not in chunks.
printf '%s %s HTTP/1.0\r\nHost: %s\r\nX-TYPESENSE-API-KEY: %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n' \
  "$1" "$2" "$node" "$TYPESENSE_API_KEY" >&3
read -r _ status _ <&3
while read -r header && [ "$header" != $'\r' ]; do :; done <&3
cat <&3
echo
[[ $status == 2* ]]
