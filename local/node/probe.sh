#!/bin/sh
# Tries, in namespaces of its own, what a node needs of this kernel. Prints the name of each thing that fails.
# Usage: probe.sh DIRECTORY (an empty directory on the file system that is to hold the cluster's state)
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

# Without iproute2 this cannot be tried here; the node has its own and tells when it starts.
if command -v ip > /dev/null; then
  unshare --net -- ip link add probe type veth peer name probe-peer 2> /dev/null || echo veth
fi
