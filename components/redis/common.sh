# Shared by the scripts of a node and of the init Job; sourced, never executed.
# Expects PORT, and CREDENTIALS: the mounted Secret.
# shellcheck shell=sh

# As process 1 a shell ignores SIGTERM unless it traps it, and the pod would take its whole grace period to stop.
trap 'exit 143' TERM INT

export mounted_password="$CREDENTIALS/REDIS_PASSWORD"

log() {
  printf '%s %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S UTC')" "$*" >&2
}

fail() {
  log "ERROR: $*"
  exit 1
}

# address HOST: prints its IP address; nothing if the name does not resolve.
address() {
  timeout 2 getent hosts "$1" | awk '{ print $1; exit }'
}

# quoted FILE: prints its content as redis.conf and redis-cli read it.
quoted() {
  printf '"%s"' "$(sed 's/["\\]/\\&/g' "$1")"
}

# ask PASSWORD-FILE ARGUMENTS: runs redis-cli, for commands that answer immediately. The password is in no command line.
ask() {
  REDISCLI_AUTH=$(cat "$1")
  export REDISCLI_AUTH
  shift
  timeout 5 redis-cli -p "$PORT" "$@"
}
