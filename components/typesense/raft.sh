# Shared by the sidecar's scripts of a node that has peers; sourced, never executed. Expects POD_NAME, POD_IP,
# PEERING_PORT and API_PORT of this node, and NODES, the file with all nodes' addresses, which Typesense reloads every
# ten seconds.
# shellcheck shell=bash disable=SC2034

# As process 1 a shell ignores SIGTERM unless it traps it.
trap 'exit 143' TERM INT

scripts=$(dirname "${BASH_SOURCE[0]}")
# The names of all nodes, by ordinal. Names can be appended at any time.
read -ra names <"$scripts/names"
ordinal=${POD_NAME##*-}

log() {
  printf '%s %s\n' "$(date -u '+%Y-%m-%d %H:%M:%S UTC')" "$*"
}

# node ADDRESS: prints Raft's name for the node at that address.
node() {
  echo "$1:$PEERING_PORT:$API_PORT"
}

# ask ADDRESS PATH [JSON]: see http.sh. Has a timeout, because an address that is no longer in use may not even refuse
# connections.
ask() {
  timeout 3 bash "$scripts/http.sh" "$@" 2>/dev/null
}

# look ADDRESS: asks the node at that address and sets `term`, `leader` (empty without one), `peers` (the nodes in its
# configuration), and `log_term` and `log_index` of its last log entry (0 for an empty log); fails if the node does not
# answer.
look() {
  local text name value state=''
  text=$(ask "$1" /raft_stat/default_group) || return
  term='' leader='' peers=() log_term='' log_index=''
  while read -r name value; do
    case $name in
      state:) state=$value ;;
      term:) term=$value ;;
      leader:) leader=$value ;;
      peers:) read -ra peers <<<"$value" ;;
      last_log_id:)
        value=${value//[^0-9,]/}
        log_index=${value%,*} log_term=${value#*,}
        ;;
    esac
  done <<<"${text//$'\r'/}"
  case $state:$leader in
    LEADER:* | TRANSFERRING:*) leader=$(node "$1") ;;
    *:0.0.0.0:*) leader='' ;;
  esac
  [ -n "$log_index" ]
}
