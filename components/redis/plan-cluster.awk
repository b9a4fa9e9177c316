# Prints the next step towards the declared cluster. It is stateless: it decides only by its input, so whoever carries
# out the steps can be stopped and started at any point. It never assigns a slot that a node holds to another one, and
# never has nodes forget a node that may come back.
#
# Variables: masters, replicas (of each master), port.
# Input:   `-` stands for a value that is not available.
#          node HOST IP MACHINE STATE LINK DOWN OFFSET
#                                             one line per node, numbered from 0; MACHINE is ZONE/NAME, or NAME if the
#                                             zone is not known; of a replica, LINK to its master (up or down), DOWN for
#                                             so many seconds, and the OFFSET that it has received
#          view LINE-OF-CLUSTER-NODES         a line of CLUSTER NODES from the preceding node
# Output:  refuse REASON | wait REASON | done | fix IP:PORT | rebalance IP:PORT | run NUMBER COMMAND (one or more lines)

$1 == "node" {
  n = nodes++
  host[n] = $2; ip[n] = $3; machine[n] = $4; state[n] = $5; link[n] = $6; down[n] = $7; offset[n] = $8
  zone[n] = $4; sub(/\/?[^\/]*$/, "", zone[n])
  declared[$2] = 1
}

$1 == "view" {
  n = nodes - 1; id = $2; flags = $4
  # Redis removes a handshake that does not complete.
  if (flags ~ /handshake/) next
  split($3, at, ",")
  seen_ip[n, id] = at[1]; sub(/:[0-9]*(@[0-9]*)?$/, "", seen_ip[n, id])
  seen_host[n, id] = at[2]
  seen_master[n, id] = $5
  for (i = 10; i <= NF; i++) {
    if ($i ~ /^\[/) moving = 1
    else seen_slots[n, id] = seen_slots[n, id] " " $i
  }
  if (flags ~ /myself/) {
    self[n] = id; number[id] = n
    slots[n] = seen_slots[n, id]; master[n] = $5
  }
  else {
    acquainted = 1
    lost[n, id] = (flags ~ /fail|noaddr/ || $9 == "disconnected")
  }
  sees[n, id] = 1; ids[id] = 1
}

END {
  if (masters * (1 + replicas) != nodes) finish("refuse " masters " masters with " replicas " replicas each are not " nodes " nodes")
  await_answers()
  claim_slots()
  # Assign slots before the nodes meet: otherwise they take five seconds longer to become available.
  if (!acquainted && !claimed) { choose_masters(); assign_slots() }
  forget_gone()
  meet()
  await_agreement()
  choose_masters()
  assign_slots()
  if (moving) finish("fix " ip[0] ":" port)
  place_replicas()
  rebalance()
  await_health()
  print "done"
}

function finish(text) { if (!planned) print text; exit }

# Exits if any step was printed.
function finish_planned() { if (planned) exit }

function run(n, command) { print "run " n " " command; planned = 1 }

# Waits for every node: a node that does not answer proves nothing.
function await_answers(  n) {
  for (n = 0; n < nodes; n++) {
    if (ip[n] == "-" || machine[n] == "-" || state[n] == "-" || self[n] == "") finish("wait " host[n] " does not answer")
  }
}

# Finds the holder of each slot from each node's view of itself.
function claim_slots(  n, i, count, ranges, ends, slot) {
  for (n = 0; n < nodes; n++) {
    held[n] = 0
    count = split(slots[n], ranges, " ")
    for (i = 1; i <= count; i++) {
      if (split(ranges[i], ends, "-") == 1) ends[2] = ends[1]
      for (slot = ends[1] + 0; slot <= ends[2] + 0; slot++) {
        if (slot in holder && !sees[n, self[holder[slot]]]) {
          finish("refuse " host[holder[slot]] " and " host[n] " both hold slot " slot " and do not know each other: as one cluster, one " \
            "of them would lose its data. Decide which, and empty the other with FLUSHALL and CLUSTER RESET HARD")
        }
        holder[slot] = n; held[n]++; claimed = 1
      }
    }
  }
}

# A pod that lost its volume comes back with a new node id: the old node will never return.
function forget_gone(  id, n, name, has_slots, successor) {
  for (id in ids) {
    if (id in number) continue
    name = ""; has_slots = 0; successor = -1
    for (n = 0; n < nodes; n++) if (sees[n, id]) {
      if (!lost[n, id]) finish("wait a node " id " (" seen_host[n, id] ", " seen_ip[n, id] ") belongs to the cluster but is not one of its pods")
      if (master[n] == id && (successor < 0 || offset[n] + 0 > offset[successor] + 0)) successor = n
      if (seen_host[n, id] != "") name = seen_host[n, id]
      if (seen_slots[n, id] != "") has_slots = 1
    }
    if (has_slots && !(name in declared)) {
      finish("refuse the node " id " (" name ") holds slots, does not answer and is not a declared pod. Bring it back, or, if its data may be " \
        "lost, let every node forget it with CLUSTER FORGET " id)
    }
    if (successor >= 0) take_over(successor, id, name)
    for (n = 0; n < nodes; n++) if (sees[n, id]) run(n, "cluster forget " id)
  }
  finish_planned()
}

# Replicas elect a successor of their master within seconds. They cannot if a majority of the masters is gone, or if they
# have been without their master for a minute. A replica that was restarted since then reports -1 seconds.
function take_over(n, id, name) {
  if (!(name in declared) || down[n] !~ /^-?[0-9]+$/ || (down[n] >= 0 && down[n] < 30)) {
    finish("wait " host[n] " has not taken over from its master " id " (" name "), which is gone")
  }
  run(n, "cluster failover takeover")
  exit
}

function meet(  n, m, id) {
  for (n = 0; n < nodes; n++) for (m = n + 1; m < nodes; m++) {
    id = self[m]
    if (!sees[n, id] || lost[n, id] || seen_ip[n, id] != ip[m]) run(n, "cluster meet " ip[m] " " port)
  }
  finish_planned()
}

function await_agreement(  n, m, id, what) {
  for (n = 0; n < nodes; n++) for (m = 0; m < nodes; m++) if (n != m) {
    id = self[m]
    what = ""
    if (!sees[n, id]) what = "does not know"
    else if (lost[n, id]) what = "does not reach"
    else if (seen_ip[n, id] != ip[m]) what = "has another address of"
    else if (seen_host[n, id] != host[m]) what = "has not heard the name of"
    else if (seen_slots[n, id] != slots[m] || seen_master[n, id] != master[m]) what = "does not agree about the slots of"
    if (what != "") finish("wait " host[n] " " what " " host[m])
  }
}

# The masters are the nodes that hold slots. If more are declared, picks nodes in the zones, and there on the machines,
# with the fewest masters.
function choose_masters(  n) {
  for (n = 0; n < nodes; n++) if (held[n] > 0) appoint(n)
  if (appointed > masters) {
    finish("refuse " appointed " nodes hold slots and only " masters " masters are declared: no node is emptied. Set redis.masters to " appointed)
  }
  pick_masters()
  if (appointed < masters) {
    finish("refuse " masters " masters are declared, " appointed " are available: the other nodes are replicas and stay replicas. " \
      "Add as many pods: with more masters, leave redis.replicasPerMaster as it was")
  }
}

function appoint(n) { is_master[n] = 1; appointed++; masters_on[machine[n]]++; masters_in[zone[n]]++ }

function masters_near(n) { return 1000 * masters_in[zone[n]] + masters_on[machine[n]] }

function pick_masters(  n, best) {
  while (appointed < masters) {
    best = -1
    for (n = 0; n < nodes; n++) {
      if (!is_master[n] && (master[n] == "-" || master[n] == "") && (best < 0 || masters_near(n) < masters_near(best))) best = n
    }
    if (best < 0) return
    appoint(best)
  }
}

# Assigns free slots to masters that hold none, or to all masters if each holds some. In an existing cluster to one at a
# time: then a step that was planned before another one was carried out is refused, and cannot assign a slot twice.
function assign_slots(  slot, total, n, count, takers, taker, quota, given, first, ranges) {
  for (slot = 0; slot < 16384; slot++) if (!(slot in holder)) total++
  if (total == 0) return
  for (n = 0; n < nodes; n++) if (is_master[n] && held[n] == 0) takers[count++] = n
  if (count == 0) for (n = 0; n < nodes; n++) if (is_master[n]) takers[count++] = n
  quota = int((total + count - 1) / count)
  taker = 0; given = 0; first = -1; ranges = ""
  for (slot = 0; slot <= 16384; slot++) {
    if (first >= 0 && (slot == 16384 || slot in holder || given == quota)) { ranges = ranges " " first " " slot - 1; first = -1 }
    if (ranges != "" && (slot == 16384 || given == quota)) {
      run(takers[taker++], "cluster addslotsrange" ranges)
      if (claimed) exit
      ranges = ""; given = 0
    }
    if (slot < 16384 && !(slot in holder)) { if (first < 0) first = slot; given++ }
  }
  finish_planned()
}

# Gives each master the declared number of replicas, on other machines and in other zones than its own and each other's,
# with as few changes as possible.
function place_replicas(  n, m, better, other) {
  for (n = 0; n < nodes; n++) if (!is_master[n]) {
    of[n] = -1
    if (master[n] in number && is_master[number[master[n]]]) was[n] = number[master[n]]
    else was[n] = -1
    if (was[n] >= 0 && replicas_of[was[n]] < replicas) { of[n] = was[n]; replicas_of[of[n]]++ }
  }
  for (n = 0; n < nodes; n++) if (!is_master[n] && of[n] < 0) {
    for (m = 0; m < nodes; m++) if (is_master[m] && replicas_of[m] < replicas) {
      if (of[n] < 0 || cost(n, m) < cost(n, of[n])) of[n] = m
    }
    replicas_of[of[n]]++
  }
  do {
    better = 0
    for (n = 0; n < nodes; n++) for (other = 0; other < n; other++) {
      if (!is_master[n] && !is_master[other] && of[n] != of[other] && swap_gains(n, other)) better = 1
    }
  } while (better)
  for (n = 0; n < nodes; n++) if (!is_master[n] && of[n] != was[n]) run(n, "cluster replicate " self[of[n]])
  finish_planned()
}

# The cost of node n as a replica of m: highest if both are on one machine and would be lost together.
function cost(n, m,  other, sum) {
  sum = (was[n] == m ? 0 : 1) + nearness(n, m, 10000, 1000)
  for (other = 0; other < nodes; other++) {
    if (other != n && !is_master[other] && of[other] == m) sum += nearness(n, other, 100, 10)
  }
  return sum
}

function nearness(a, b, on_one_machine, in_one_zone) {
  if (machine[a] == machine[b]) return on_one_machine
  return zone[a] != "" && zone[a] == zone[b] ? in_one_zone : 0
}

# Swaps the masters of two replicas if that reduces the cost.
function swap_gains(a, b,  before, kept) {
  before = cost(a, of[a]) + cost(b, of[b])
  kept = of[a]; of[a] = of[b]; of[b] = kept
  if (cost(a, of[a]) + cost(b, of[b]) < before) return 1
  kept = of[a]; of[a] = of[b]; of[b] = kept
  return 0
}

# A new master has no slots yet; a master whose rebalancing was interrupted has too few.
function rebalance(  n) {
  for (n = 0; n < nodes; n++) if (is_master[n] && held[n] < 0.95 * int(16384 / masters)) finish("rebalance " ip[0] ":" port)
}

function await_health(  n) {
  for (n = 0; n < nodes; n++) {
    if (state[n] != "ok") finish("wait for " host[n] " the cluster is in state " state[n])
    if (!is_master[n] && link[n] != "up") finish("wait the replica " host[n] " does not have its master's data yet")
  }
}
