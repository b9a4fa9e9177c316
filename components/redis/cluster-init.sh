#!/bin/sh
# Creates one cluster of the nodes HOSTS, or changes the existing cluster to the declared form: MASTERS with
# REPLICAS_PER_MASTER each. If everything is as declared, it changes nothing.
set -eu
. "$(dirname "$0")/common.sh"

# Seconds without progress after which the Job fails.
patience=300

# node IP COMMAND: runs the command on that node and prints its answer.
node() {
  [ -n "$1" ] || return 1
  ask "$mounted_password" -h "$@" </dev/null
}

# not_ready HOST: prints why the node does not accept commands, or nothing.
not_ready() {
  ip=$(address "$1")
  [ -n "$ip" ] || { echo "its name cannot be resolved"; return 0; }
  answer=$(node "$ip" ping 2>&1) || answer="it does not answer at $ip. $answer"
  [ "$answer" = PONG ] || echo "$answer"
}

# knows_another_password HOST: retires older passwords, since all nodes know the declared one. Prints why that failed,
# or nothing.
knows_another_password() {
  command="CONFIG SET requirepass $(quoted "$mounted_password")"
  answer=$(echo "$command" | ask "$mounted_password" -h "$(address "$1")" 2>&1) || answer="it does not answer. $answer"
  [ "$answer" = OK ] || echo "$answer"
}

# until_none CHECK: waits until the check prints nothing for any node.
until_none() {
  for host in $HOSTS; do
    waited=0
    until why=$("$1" "$host"); [ -z "$why" ]; do
      [ "$waited" -gt 0 ] || log "waiting for $host: $why"
      waited=$((waited + 1))
      [ "$waited" -lt "$patience" ] || fail "$host did not become ready: $why"
      sleep 1
    done
  done
}

# field NAME: prints its value from an answer to INFO.
field() {
  tr -d '\r' | sed -n "s/^$1://p"
}

# Prints the input of plan-cluster.awk; `-` for values that are not available. syslog-ident holds the machine's name,
# see plan.ts.
look() {
  for host in $HOSTS; do
    ip=$(address "$host")
    machine=$(node "$ip" config get syslog-ident | tail -n 1)
    state=$(node "$ip" cluster info | field cluster_state)
    link=$(node "$ip" info replication | field master_link_status)
    echo "node $host ${ip:--} ${machine:--} ${state:--} ${link:--}"
    node "$ip" cluster nodes | sed 's/^/view /'
  done
}

# host NUMBER: prints the name of a node, counted from 0.
host() {
  echo "$HOSTS" | cut -d ' ' -f "$(($1 + 1))"
}

# order NUMBER COMMAND: runs a command on a node, which must answer OK.
order() {
  host=$(host "$1")
  shift
  log "$host: $*"
  # If there is no answer, the next look shows whether the command took effect.
  answer=$(node "$(address "$host")" "$@") || return 0
  [ "$answer" = OK ] || fail "$host refuses '$*': $answer"
}

# across COMMAND ARGUMENTS: runs one of redis-cli's commands for a whole cluster.
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
      *) fail "unknown step $step" ;;
    esac
  done
}

until_none not_ready
until_none knows_another_password
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
