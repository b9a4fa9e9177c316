#!/bin/bash
# http.sh ADDRESS PATH [JSON]: the body of what a node's Raft port answers to GET, or to POST of the JSON. Typesense's image has no
# client for HTTP. The port leaves connections open.
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
