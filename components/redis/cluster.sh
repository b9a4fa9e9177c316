# Shared by the scripts that carry out the plan for the whole cluster; sourced, never executed. The files hosts, masters
# and replicas-per-master beside it declare the cluster. The kubelet updates them in running pods.
# shellcheck shell=sh disable=SC2013,SC2154 # words of a line; common.sh sets mounted_password

scripts=$(dirname "$0")

# node IP COMMAND: runs the command on that node and prints its answer.
node() {
  [ -n "$1" ] || return 1
  ask "$mounted_password" -h "$@" </dev/null
}

# field NAME: prints its value from an answer to INFO.
field() {
  tr -d '\r' | sed -n "s/^$1://p"
}

# Prints the input of plan-cluster.awk; `-` for values that are not available. syslog-ident holds the machine's name,
# see pods.ts.
look() {
  for host in $(cat "$scripts/hosts"); do
    ip=$(address "$host")
    machine=$(node "$ip" config get syslog-ident | tail -n 1)
    state=$(node "$ip" cluster info | field cluster_state)
    replication=$(node "$ip" info replication) || :
    link=$(echo "$replication" | field master_link_status)
    down=$(echo "$replication" | field master_link_down_since_seconds)
    offset=$(echo "$replication" | field slave_repl_offset)
    echo "node $host ${ip:--} ${machine:--} ${state:--} ${link:--} ${down:--} ${offset:--}"
    node "$ip" cluster nodes | sed 's/^/view /'
  done
}

# Prints the next steps.
plan() {
  look | awk -v masters="$(cat "$scripts/masters")" -v replicas="$(cat "$scripts/replicas-per-master")" -v port="$PORT" \
    -f "$scripts/plan-cluster.awk"
}

# order NUMBER COMMAND: runs a command on a node, counted from 0. Fails if the node refuses it.
order() {
  host=$(cut -d ' ' -f "$(($1 + 1))" "$scripts/hosts")
  shift
  log "$host: $*"
  # If there is no answer, the next look shows whether the command took effect.
  answer=$(node "$(address "$host")" "$@") || return 0
  [ "$answer" = OK ] || { log "$host refuses '$*': $answer"; return 1; }
}

# across COMMAND ARGUMENTS: runs one of redis-cli's commands for a whole cluster.
across() {
  log "redis-cli --cluster $*"
  REDISCLI_AUTH=$(cat "$mounted_password") redis-cli --cluster "$@" --cluster-yes </dev/null
}

# carry_out STEPS: fails if a node refused one of them.
carry_out() {
  echo "$1" | {
    refused=0
    while read -r step arguments; do
      # shellcheck disable=SC2086 # words of a command
      case $step in
        fix) across fix $arguments || refused=1 ;;
        rebalance) across rebalance $arguments --cluster-use-empty-masters || refused=1 ;;
        run) order $arguments || refused=1 ;;
        *) fail "unknown step $step" ;;
      esac
    done
    return $refused
  }
}
