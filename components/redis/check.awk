# Prints the problems of the cluster; exits 1 if there is any. Variables: masters, replicas (of each master).
# Input:   resolves HOST IP            every declared node; without IP if its name does not resolve
#          info FIELD VALUE            of CLUSTER INFO
#          view LINE-OF-CLUSTER-NODES

$1 == "resolves" { hosts[++count] = $2; address[$2] = $3 }

$1 == "info" { info[$2] = $3 }

$1 == "view" && $4 !~ /handshake/ {
  split($3, at, ",")
  ip = at[1]; sub(/:[0-9]*(@[0-9]*)?$/, "", ip)
  failing = ($4 ~ /fail|noaddr/)
  slots = 0
  for (i = 10; i <= NF; i++) {
    if ($i ~ /^\[/) moving = 1
    else slots += split($i, ends, "-") == 1 ? 1 : ends[2] - ends[1] + 1
  }
  if (failing) {
    unserved[at[2]] += slots
    failing_ip[at[2]] = ip
  } else {
    answers[at[2]] = 1
    serves[at[2]] = slots
    served += slots
    if (slots > 0) { serving++; name[$2] = at[2] }
    if ($4 ~ /slave/) replicates[at[2]] = $5
  }
}

END {
  FIX = "If this stays, run the init Job again: npm run kubectl -- delete job --namespace nx-broker nx-redis-cluster-init, " \
    "then npm run pulumi -- up --refresh"
  if (info["cluster_slots_assigned"] + 0 == 0) problem("CLUSTERDOWN: no node holds any slot: the cluster is not formed yet, or the volumes " \
    "of all masters are lost. " FIX)
  else {
    if (info["cluster_state"] != "ok") problem("CLUSTERDOWN: this node reaches no majority of the masters, and refuses commands")
    if (served < 16384) problem("CLUSTERDOWN: " 16384 - served " of 16384 slots are not served: commands for their keys fail")
    for (i = 1; i <= count; i++) explain(hosts[i])
    if (!problems && serving < masters) problem(serving " masters serve slots, " masters " are declared. " FIX)
    if (!problems) for (id in name) count_replicas(id)
    if (!problems && moving) problem("slots are being moved between nodes. " FIX)
  }
  exit (problems > 0)
}

function problem(text) { print text; problems++ }

# Says what is wrong with one node. A name that resolves to another address than the failing node's, or that belongs to
# another node already, has a new node.
function explain(host,  pod) {
  pod = host; sub(/\..*/, "", pod)
  if (host in failing_ip) {
    if (host in answers) problem(pod " lost its volume and came back without data: " (unserved[host] > 0 ? \
      "it is being given its slots back, which are empty" : "it is being made a replica") ". " FIX)
    else problem(pod " does not answer. See why: npm run kubectl -- describe pod --namespace nx-broker " pod)
  } else if (!(host in answers)) {
    problem(pod " is not in the cluster" (address[host] == "" ? ", and its name does not resolve" : "") ". " FIX)
  } else if (serves[host] == 0 && !(host in replicates)) {
    problem(pod " has no slots and is no replica. " FIX)
  }
}

function count_replicas(id,  host, has, pod) {
  has = 0
  for (host in replicates) if (replicates[host] == id) has++
  pod = name[id]; sub(/\..*/, "", pod)
  if (has < replicas) problem(pod " has " has " of " replicas " replicas. " FIX)
}
