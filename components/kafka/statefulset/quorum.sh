#!/bin/bash
# quorum.sh HOST: asks the broker on that host which controller leads, and prints its number. Fails if none does. A
# broker waits for a leader before it answers, so the caller sets a timeout.
#
# As replication.sh does, it sends a single request itself: DescribeQuorum version 0 for partition 0 of
# __cluster_metadata.
set -eu -o pipefail

exec 3<>"/dev/tcp/$1/$INTERNAL_PORT"
printf '\0\0\0\047\0\067\0\0\0\0\0\0\377\377\0\002\023__cluster_metadata\002\0\0\0\0\0\0\0' >&3
# Size, correlation, tags, error, then the topic with the partition's number, error and leader.
# shellcheck disable=SC2046 # numbers
set -- $(dd bs=1 count=42 <&3 2>/dev/null | od -An -v -tu1)
[ $# -eq 42 ] || { echo "the broker closed the connection" >&2; exit 1; }
error=$((${10} * 256 + ${11} + ${37} * 256 + ${38}))
leader=$((((${39} * 256 + ${40}) * 256 + ${41}) * 256 + ${42}))
[ $error -eq 0 ] && [ $leader -lt 2147483648 ] || { echo "no controller leads (error $error)" >&2; exit 1; }
echo $leader
