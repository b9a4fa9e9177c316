# Shared by the scripts of a node; sourced, never executed. Expects DATA, the volume, and RUN, a directory in memory.
# RUN holds the server's current password: the mounted one may be newer.
# shellcheck shell=sh
. "$(dirname "$0")/common.sh"

password=$RUN/password

# myself ARGUMENTS: runs redis-cli on this node.
myself() {
  ask "$password" "$@"
}

# Records the mounted password as the server's current password.
keep_password() {
  (umask 077 && cat "$mounted_password" >"$password.new" && mv "$password.new" "$password")
}
