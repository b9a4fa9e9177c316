#!/bin/sh
# Starts the primary with the server's arguments. Complete by itself: a container that is restarted alone does not run the pod's init step again.
set -eu
. "$(dirname "$0")/common.sh"

lock_volume
exec postgres "$@"
