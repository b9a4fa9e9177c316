#!/bin/sh
# Tries to open TCP connections from inside a pod in parallel and prints the result of each:
#   open      any server answered, PostgreSQL or not
#   refused   the host refused it
#   closed    there was no answer
# Arguments: HOST:PORT ...
export LC_ALL=C PGCONNECT_TIMEOUT=5

probe() {
  message=$(psql -Xw "host=${1%:*} port=${1##*:} user=probe dbname=probe sslmode=disable" -c '' 2>&1)
  case $message in
    *'timeout expired'* | *'timed out'* | *'No route to host'* | *'Network is unreachable'*) verdict=closed ;;
    *'Connection refused'*) verdict=refused ;;
    *FATAL* | *'no password supplied'* | *'server closed the connection'* | *'expected authentication request'* | \
      *'Connection reset by peer'* | *'invalid response'*) verdict=open ;;
    *) verdict="unknown: $(printf '%s' "$message" | tr '\n' ' ')" ;;
  esac
  printf '%s %s\n' "$1" "$verdict"
}

for target in "$@"; do
  probe "$target" &
done
wait
