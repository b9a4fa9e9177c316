#!/bin/sh
# The node's network: loopback, one link to the host and no way beyond it.
# In: LINK HOST_ADDRESS NODE_ADDRESS PREFIX SERVICE_CIDR; file descriptor 3: the host's network namespace.
set -eu

on_host() {
  nsenter --net=/proc/self/fd/3 -- "$@"
}

# Inherited by every interface that comes later. The cluster is IPv4 only: IPv6 would be a way around its policies.
echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 || true
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 || true
echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter
echo 1 > /proc/sys/net/ipv4/conf/default/rp_filter
echo 1 > /proc/sys/net/ipv4/ip_forward

ip link set lo up

# An earlier node's end is still there for a moment while the kernel takes its network namespace apart.
on_host ip link delete "$LINK" 2> /dev/null || true
# The process id is the one in this pid namespace: 1, this node's first process.
on_host ip link add "$LINK" type veth peer name eth0 netns 1
on_host ip link set "$LINK" addrgenmode none
on_host ip address add "$HOST_ADDRESS/$PREFIX" dev "$LINK"
on_host ip link set "$LINK" up
ip address add "$NODE_ADDRESS/$PREFIX" dev eth0
ip link set eth0 up
# Service addresses are translated on their way out: a route must let them out first.
ip route add "$SERVICE_CIDR" dev eth0
