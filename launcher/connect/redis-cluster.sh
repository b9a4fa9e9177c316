# Arguments: those of redis-cli. Runs in a Redis pod, in cluster mode: follows redirections to a key's node.
# shellcheck shell=sh
REDISCLI_AUTH=$(cat "$CREDENTIALS/REDIS_PASSWORD")
export REDISCLI_AUTH REDISCLI_HISTFILE=/dev/null
exec redis-cli -c -p "$PORT" "$@"
