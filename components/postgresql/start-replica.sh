#!/bin/sh
# Starts the replica with the server's arguments. Prepares the copy as the init step does: when only the container
# restarts, for example because alive-replica.sh failed, the init step does not run again.
set -eu
. "$(dirname "$0")/prepare-replica.sh"

prepare_replica "$@"
echo $(($(cat "$failed_starts" 2>/dev/null || echo 0) + 1)) >"$failed_starts"
exec postgres "$@"
