#!/bin/sh
# Checks in separate namespaces which kernel features that a node needs are missing. Prints one name per failed check.
# Usage: probe.sh DIRECTORY (an empty directory on the state directory's file system)
set -u
directory=$1
mkdir "$directory/lower" "$directory/upper" "$directory/work" "$directory/merged"

# shellcheck disable=SC2016 # expanded by the inner shell
unshare --mount -- sh -c '
  mount -t overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" probe "$1/merged"' \
  sh "$directory" 2> /dev/null || echo overlayfs

for namespace in mount pid net ipc uts; do
  unshare "--$namespace" --fork -- true 2> /dev/null || echo "namespace-$namespace"
done

# Skipped without iproute2; the node has its own and fails at startup if the kernel has no veth.
if command -v ip > /dev/null; then
  unshare --net -- ip link add probe type veth peer name probe-peer 2> /dev/null || echo veth
fi
