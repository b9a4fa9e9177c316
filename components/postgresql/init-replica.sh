#!/bin/sh
# Before the replica's server starts: clones the primary if there is no usable copy, waiting for it as long as that takes.
set -eu
. "$(dirname "$0")/prepare-replica.sh"

prepare_replica "$@"
