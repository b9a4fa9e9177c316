# redis-cli [ARGUMENT...] in a pod of Redis; follows keys to the nodes that have them.
# shellcheck shell=sh
REDISCLI_AUTH=$(cat "$CREDENTIALS/REDIS_PASSWORD")
export REDISCLI_AUTH REDISCLI_HISTFILE=/dev/null
exec redis-cli -c -p "$PORT" "$@"
