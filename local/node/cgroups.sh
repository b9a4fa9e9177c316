#!/bin/sh
# Creates the cgroup /NODE in every hierarchy and moves process PID to /NODE/system, the cgroup of all node processes
# except pods. The kubelet creates /NODE/kubepods for pods.
# Usage: cgroups.sh NODE PID (PID in this PID namespace)
set -eu
node=$1
pid=$2

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  # cgroup v2: every level must delegate its controllers, and only leaf cgroups may contain processes.
  mkdir -p "/sys/fs/cgroup/$node/system"
  for controller in cpu cpuset memory pids io hugetlb; do
    grep -qw "$controller" /sys/fs/cgroup/cgroup.controllers || continue
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
    echo "+$controller" > "/sys/fs/cgroup/$node/cgroup.subtree_control"
  done
  echo "$pid" > "/sys/fs/cgroup/$node/system/cgroup.procs"
  exit
fi

# cgroup v1: one hierarchy per controller.
for hierarchy in /sys/fs/cgroup/*/; do
  [ -e "${hierarchy}cgroup.procs" ] || continue
  for group in "$node" "$node/system"; do
    mkdir -p "$hierarchy$group"
    # A new cpuset is empty and accepts no process until CPUs and memory nodes are set.
    for file in cpuset.cpus cpuset.mems; do
      [ -e "$hierarchy$file" ] || continue
      cat "$hierarchy$file" > "$hierarchy$group/$file"
    done
  done
  echo "$pid" > "$hierarchy$node/system/cgroup.procs"
done
