#!/bin/sh
# Runs before the replica's server starts: clones the primary if there is no usable copy, and waits for the primary
# without a limit.
set -eu
. "$(dirname "$0")/prepare-replica.sh"

prepare_replica "$@"
