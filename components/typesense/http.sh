#!/bin/bash
# http.sh ADDRESS PATH [JSON]: sends GET, or POST with the JSON, to a node's Raft port and prints the response body.
# Typesense's image has no HTTP client. The server keeps connections open, so Content-Length determines the end of the
# body.
set -eu
address=$1 path=$2 json=${3-}

exec 3<>"/dev/tcp/$address/$PEERING_PORT"
if [ -z "$json" ]; then
  printf 'GET %s HTTP/1.1\r\nHost: %s\r\n\r\n' "$path" "$address" >&3
else
  printf 'POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
    "$path" "$address" "${#json}" "$json" >&3
fi
length=0
while read -r name value; do
  case ${name,,} in
    content-length:) length=${value%$'\r'} ;;
    $'\r') break ;;
  esac
done <&3
head -c "$length" <&3
