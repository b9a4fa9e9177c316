#!/bin/sh
# Makes one cluster of the nodes HOSTS, or brings the one there is into the declared form: MASTERS with REPLICAS_PER_MASTER each. Where
# everything is as declared, it changes nothing.
set -eu
. "$(dirname "$0")/common.sh"

# Seconds that the same obstacle may last.
patience=300

node() {
  ask "$mounted_password" -h "$@" </dev/null
}

# Prints nothing when the node is ready for orders, else why not.
obstacle() {
  ip=$(address "$1")
  [ -n "$ip" ] || { echo "its name cannot be resolved"; return 0; }
  answer=$(node "$ip" ping 2>&1) || answer="it does not answer at $ip. $answer"
  [ "$answer" = PONG ] || echo "$answer"
}

await_nodes() {
  for host in $HOSTS; do
    waited=0
    until why=$(obstacle "$host"); [ -z "$why" ]; do
      [ "$waited" -gt 0 ] || log "waiting for $host: $why"
      waited=$((waited + 1))
      [ "$waited" -lt "$patience" ] || fail "$host is not to be had: $why"
      sleep 1
    done
  done
}

# All nodes know the declared password by now; one from before is good no longer.
retire_old_passwords() {
  for host in $HOSTS; do
    answer=$(printf 'CONFIG SET requirepass %s\n' "$(quoted "$mounted_password")" | ask "$mounted_password" -h "$(address "$host")")
    [ "$answer" = OK ] || fail "$host does not set its password: $answer"
  done
}

# field NAME: its value in an answer to INFO.
field() {
  tr -d '\r' | sed -n "s/^$1://p"
}

# What plan-cluster.awk goes by. The machine of a node is in the one setting that is free text, see plan.ts.
look() {
  for host in $HOSTS; do
    ip=$(address "$host")
    machine=$(node "$ip" config get syslog-ident | tail -n 1)
    link=$(node "$ip" info replication | field master_link_status)
    echo "node $host $ip $machine $(node "$ip" cluster info | field cluster_state) ${link:--}"
    node "$ip" cluster nodes | sed 's/^/view /'
  done
}

# host NUMBER: the name of a node, counted from 0.
host() {
  echo "$HOSTS" | cut -d ' ' -f "$(($1 + 1))"
}

# order NUMBER COMMAND: has a node do something, which it confirms.
order() {
  host=$(host "$1")
  shift
  log "$host: $*"
  answer=$(node "$(address "$host")" "$@") || fail "$host does not answer"
  [ "$answer" = OK ] || fail "$host refuses '$*': $answer"
}

# across COMMAND ARGUMENTS: redis-cli's own procedures for a whole cluster.
across() {
  log "redis-cli --cluster $*"
  REDISCLI_AUTH=$(cat "$mounted_password") redis-cli --cluster "$@" --cluster-yes </dev/null
}

carry_out() {
  while read -r step arguments; do
    # shellcheck disable=SC2086 # words of a command
    case $step in
      fix) across fix $arguments ;;
      rebalance) across rebalance $arguments --cluster-use-empty-masters ;;
      run) order $arguments ;;
      *) fail "there is no step $step" ;;
    esac
  done
}

await_nodes
retire_old_passwords
last=
while :; do
  steps=$(look | awk -v masters="$MASTERS" -v replicas="$REPLICAS_PER_MASTER" -v port="$PORT" -f "$(dirname "$0")/plan-cluster.awk")
  if [ "$steps" != "$last" ]; then
    last=$steps
    since=$(date +%s)
    case $steps in wait*) log "waiting: ${steps#wait }" ;; esac
  fi
  [ $(($(date +%s) - since)) -lt "$patience" ] || fail "no progress in $patience seconds: $steps"
  case $steps in
    done) break ;;
    wait*) ;;
    refuse*) fail "${steps#refuse }" ;;
    *) echo "$steps" | carry_out ;;
  esac
  sleep 1
done
log "the cluster has $MASTERS masters with $REPLICAS_PER_MASTER replicas each, and all of its 16384 slots"
