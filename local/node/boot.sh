#!/bin/sh
# First process of a node, started in new mount, PID, network, IPC and UTS namespaces. Sets up the node's root file
# system, /dev, /proc, /sys and network, then executes the node's init. On the host, only the cgroup directories and one
# end of the network link are visible.
#
# In:  NODE_NAME CGROUP STATE_DIR ROOTFS CHECKOUT CACHE_DIR NODE_BINARY LINK HOST_ADDRESS NODE_ADDRESS PREFIX SERVICE_CIDR
#      file descriptor 3: the host's network namespace
set -eu
here=$(dirname "$0")

# The host's /proc is still mounted: this is the PID and start time of this process on the host.
read -r pid _ < /proc/self/stat
# shellcheck disable=SC2046 # word splitting is intended
set -- $(cat "/proc/$pid/stat")
echo "$pid ${22}" > "$STATE_DIR/node.pid"

sh "$here/cgroups.sh" "$CGROUP" "$$"

root=$STATE_DIR/root
data=$STATE_DIR/data
mkdir -p "$root" "$data/containerd" "$data/etcd" "$data/kubelet" "$data/volumes" "$data/pod-logs"
chmod 0700 "$STATE_DIR" "$data" "$data/etcd"

# The overlay's upper layer is a tmpfs: only the data directories outlive the node.
mount -t tmpfs -o mode=0700 node-root "$root"
mkdir "$root/upper" "$root/work" "$root/merged"
mount -t overlay -o "lowerdir=$ROOTFS,upperdir=$root/upper,workdir=$root/work" node-root "$root/merged"
root=$root/merged

mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp" "$root/var/log/pods" "$root/var/lib/containerd" \
  "$root/var/lib/etcd" "$root/var/lib/kubelet" "$root/var/lib/volumes" "$root/.host"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t sysfs -o nosuid,nodev,noexec sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount -t tmpfs -o nosuid,nodev,mode=0755 run "$root/run"
mount -t tmpfs -o nosuid,nodev,mode=1777 tmp "$root/tmp"

mount -t tmpfs -o nosuid,mode=0755 dev "$root/dev"
for device in null zero full random urandom tty kmsg; do
  [ -e "/dev/$device" ] || continue
  : > "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/mqueue"
mount -t devpts -o nosuid,noexec,newinstance,mode=0620,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs -o nosuid,nodev,mode=1777 shm "$root/dev/shm"
mount -t mqueue -o nosuid,nodev,noexec mqueue "$root/dev/mqueue"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s /proc/self/fd/0 "$root/dev/stdin"
ln -s /proc/self/fd/1 "$root/dev/stdout"
ln -s /proc/self/fd/2 "$root/dev/stderr"

mount --bind "$data/containerd" "$root/var/lib/containerd"
mount --bind "$data/etcd" "$root/var/lib/etcd"
mount --bind "$data/kubelet" "$root/var/lib/kubelet"
mount --bind "$data/volumes" "$root/var/lib/volumes"
mount --bind "$data/pod-logs" "$root/var/log/pods"

# Mounted at the same paths as on the host. The state directory comes last because it may be inside the checkout.
bind() { # DIRECTORY ro|rw
  mkdir -p "$root$1"
  mount --bind "$1" "$root$1"
  mount -o "remount,bind,$2" "$root$1"
}
bind "$CHECKOUT" ro
bind "$CACHE_DIR" ro
bind "$(dirname "$NODE_BINARY")" ro
bind "$STATE_DIR" rw

# The kubelet writes these sysctls, which are not namespaced: bind-mount copies to leave the host's unchanged.
mkdir -p "$root/run/sysctl"
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \
  kernel/keys/root_maxbytes; do
  [ -e "/proc/sys/$setting" ] || continue
  mkdir -p "$root/run/sysctl/$(dirname "$setting")"
  cat "/proc/sys/$setting" > "$root/run/sysctl/$setting"
  mount --bind "$root/run/sysctl/$setting" "$root/proc/sys/$setting"
done

cd "$root"
pivot_root . .host
cd /
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
umount -l /.host
rmdir /.host
mount --make-rshared /

hostname "$NODE_NAME" 2> /dev/null || echo "$NODE_NAME" > /proc/sys/kernel/hostname
printf '127.0.0.1 localhost\n%s %s\n' "$NODE_ADDRESS" "$NODE_NAME" > /etc/hosts
: > /etc/resolv.conf

sh "$here/network.sh"
exec 3<&-

# A container runtime needs more open files than the usual soft limit.
files=$(prlimit --nofile --output HARD --raw --noheadings)
prlimit --pid $$ --nofile="$files:$files"
exec env -i PATH="$PATH" HOME=/root LANG=C.UTF-8 tini -- \
  "$NODE_BINARY" --max-old-space-size=96 --disable-warning=ExperimentalWarning "$here/../supervisor/main.ts" "$STATE_DIR"
