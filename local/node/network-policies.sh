#!/bin/sh
# Queues the first packet of every connection from or to a pod for kube-network-policies (NFQUEUE 100), which accepts or
# drops it. There is no --queue-bypass: while nothing reads the queue, new pod connections are dropped.
# Usage: network-policies.sh POD_CIDR
set -eu
pods=$1

# Debian has two iptables variants, nft (default) and legacy; some kernels support only one. kube-proxy uses the same
# variant through the unsuffixed names.
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
  echo "this kernel has no NFQUEUE target for iptables, so NetworkPolicies cannot be enforced: use a kernel with" \
    "CONFIG_NETFILTER_XT_TARGET_NFQUEUE and CONFIG_NETFILTER_NETLINK_QUEUE" >&2
  exit 1
fi
for tool in iptables iptables-save iptables-restore; do
  suffix=${tool#iptables}
  ln -sf "iptables-$found$suffix" "/usr/sbin/$tool"
done

iptables -w -t mangle -N BANA-POLICIES
iptables -w -t mangle -A BANA-POLICIES -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
# Connections from the node itself are kubelet probes.
iptables -w -t mangle -A BANA-POLICIES -m addrtype --src-type LOCAL -j RETURN
iptables -w -t mangle -A BANA-POLICIES -s "$pods" -j NFQUEUE --queue-num 100
iptables -w -t mangle -A BANA-POLICIES -d "$pods" -j NFQUEUE --queue-num 100
# Both hooks run after DNAT of the Service address and before masquerading. POSTROUTING: packets to pods or outside the
# node. INPUT: packets to the node itself (API server, kubelet).
iptables -w -t mangle -A POSTROUTING -j BANA-POLICIES
iptables -w -t mangle -A INPUT -j BANA-POLICIES
