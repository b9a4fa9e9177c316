#!/bin/sh
# The node's network: loopback and one link to the host, without a route beyond it.
# In: LINK HOST_ADDRESS NODE_ADDRESS PREFIX SERVICE_CIDR; file descriptor 3: the host's network namespace.
set -eu

on_host() {
  nsenter --net=/proc/self/fd/3 -- "$@"
}

# Later interfaces inherit these. The cluster is IPv4-only: IPv6 traffic would bypass NetworkPolicies.
echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6 || true
echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6 || true
echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter
echo 1 > /proc/sys/net/ipv4/conf/default/rp_filter
echo 1 > /proc/sys/net/ipv4/ip_forward

ip link set lo up

# The previous node's interface remains until the kernel has destroyed its network namespace.
on_host ip link delete "$LINK" 2> /dev/null || true
# PID 1 in this PID namespace is this node's first process.
on_host ip link add "$LINK" type veth peer name eth0 netns 1
on_host ip link set "$LINK" addrgenmode none
on_host ip address add "$HOST_ADDRESS/$PREFIX" dev "$LINK"
on_host ip link set "$LINK" up
ip address add "$NODE_ADDRESS/$PREFIX" dev eth0
ip link set eth0 up
# For connections of the node itself, DNAT of Service addresses follows the routing decision: they need a route.
ip route add "$SERVICE_CIDR" dev eth0
