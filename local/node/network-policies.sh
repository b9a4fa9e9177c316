#!/bin/sh
# Sends the first packet of every connection from or to a pod to kube-network-policies (NFQUEUE 100), which lets it pass
# or drops it. Nothing bypasses the queue: without its reader, new connections of pods are dropped.
# Usage: network-policies.sh POD_CIDR
set -eu
pods=$1

# Debian has two iptables; the nft one is its default, and some kernels have the means for only one of them. kube-proxy
# uses the same one, by the plain names.
for variant in nft legacy; do
  [ -x "/usr/sbin/iptables-$variant" ] || continue
  if /usr/sbin/iptables-$variant -w -t mangle -N BANA-PROBE &&
    /usr/sbin/iptables-$variant -w -t mangle -A BANA-PROBE -m conntrack --ctstate NEW -m addrtype --src-type LOCAL \
      -j NFQUEUE --queue-num 100; then
    found=$variant
  fi
  /usr/sbin/iptables-$variant -w -t mangle -F BANA-PROBE 2> /dev/null || true
  /usr/sbin/iptables-$variant -w -t mangle -X BANA-PROBE 2> /dev/null || true
  [ -z "${found:-}" ] || break
done
if [ -z "${found:-}" ]; then
  echo "this kernel has no NFQUEUE for iptables: NetworkPolicies could not be enforced. It needs" \
    "CONFIG_NETFILTER_XT_TARGET_NFQUEUE and CONFIG_NETFILTER_NETLINK_QUEUE" >&2
  exit 1
fi
for tool in iptables iptables-save iptables-restore; do
  suffix=${tool#iptables}
  ln -sf "iptables-$found$suffix" "/usr/sbin/$tool"
done

iptables -w -t mangle -N BANA-POLICIES
iptables -w -t mangle -A BANA-POLICIES -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
# The node's own connections to its pods are the kubelet's probes.
iptables -w -t mangle -A BANA-POLICIES -m addrtype --src-type LOCAL -j RETURN
iptables -w -t mangle -A BANA-POLICIES -s "$pods" -j NFQUEUE --queue-num 100
iptables -w -t mangle -A BANA-POLICIES -d "$pods" -j NFQUEUE --queue-num 100
# Both hooks see a packet after its Service address was replaced by the pod's, and before its source is masqueraded:
# POSTROUTING what goes on to a pod or outside, INPUT what ends at the node (API server, kubelet).
iptables -w -t mangle -A POSTROUTING -j BANA-POLICIES
iptables -w -t mangle -A INPUT -j BANA-POLICIES
