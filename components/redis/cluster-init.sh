#!/bin/sh
# Creates one cluster of the declared nodes, or changes the existing cluster to the declared form. If everything is as
# declared, it changes nothing.
set -eu
. "$(dirname "$0")/common.sh"
. "$(dirname "$0")/cluster.sh"

# Seconds without progress after which the Job fails.
patience=300

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
  # shellcheck disable=SC2013 # words of a line
  for host in $(cat "$scripts/hosts"); do
    waited=0
    until why=$("$1" "$host"); [ -z "$why" ]; do
      [ "$waited" -gt 0 ] || log "waiting for $host: $why"
      waited=$((waited + 1))
      [ "$waited" -lt "$patience" ] || fail "$host did not become ready: $why"
      sleep 1
    done
  done
}

until_none not_ready
until_none knows_another_password
last='' refused=''
while :; do
  steps=$(plan)
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
    *)
      # A node that lost its volume carries out the same plan, see rejoin.sh: what it did meanwhile is refused here.
      if ! carry_out "$steps"; then
        [ "$steps" != "$refused" ] || fail "the same steps were refused twice"
        refused=$steps
      fi
      ;;
  esac
  sleep 1
done
log "the cluster has $(cat "$scripts/masters") masters with $(cat "$scripts/replicas-per-master") replicas each, and all of its 16384 slots"
