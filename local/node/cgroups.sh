#!/bin/sh
# Makes the node's own branch /NODE of every cgroup hierarchy and moves process PID into its leaf /NODE/system, where
# all processes of the node but the pods live. Pods get /NODE/kubepods from the kubelet.
# Usage: cgroups.sh NODE PID (PID as this pid namespace counts)
set -eu
node=$1
pid=$2

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  # cgroup v2: controllers have to be handed down level by level; processes may only live in leaves.
  mkdir -p "/sys/fs/cgroup/$node/system"
  for controller in cpu cpuset memory pids io hugetlb; do
    grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers || continue
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
    echo "+$controller" > "/sys/fs/cgroup/$node/cgroup.subtree_control"
  done
  echo "$pid" > "/sys/fs/cgroup/$node/system/cgroup.procs"
  exit
fi

# cgroup v1: one hierarchy a controller.
for hierarchy in /sys/fs/cgroup/*/; do
  [ -e "${hierarchy}cgroup.procs" ] || continue
  for group in "$node" "$node/system"; do
    mkdir -p "$hierarchy$group"
    # A new cpuset is empty and takes no process before it has its parent's processors and memory.
    for file in cpuset.cpus cpuset.mems; do
      [ -e "$hierarchy$file" ] || continue
      cat "$hierarchy$file" > "$hierarchy$group/$file"
    done
  done
  echo "$pid" > "$hierarchy$node/system/cgroup.procs"
done
