# Shared by the scripts of a node; sourced, never run.
# Expects DATA, the volume, and RUN, a folder in memory. The server's password is kept there: the mounted one may be a newer one.
# shellcheck shell=sh
. "$(dirname "$0")/common.sh"

password=$RUN/password

# myself ARGUMENTS: redis-cli at this node.
myself() {
  ask "$password" "$@"
}

# Takes the mounted password for the server's.
keep_password() {
  (umask 077 && cat "$mounted_password" >"$password.new" && mv "$password.new" "$password")
}
