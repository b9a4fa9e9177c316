#!/bin/sh
# Starts the primary with the server's arguments. Also locks the volume: when only the container restarts, the init step
# does not run again.
set -eu
. "$(dirname "$0")/common.sh"

lock_volume
exec postgres "$@"
