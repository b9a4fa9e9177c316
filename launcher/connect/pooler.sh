# Arguments: those of psql. Runs in a pod of CloudNativePG's PgBouncer, whose environment has the admin console's address.
# shellcheck shell=sh
export PSQL_HISTORY=/dev/null
exec psql --no-psqlrc "$@"
