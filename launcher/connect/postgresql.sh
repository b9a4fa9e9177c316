# Arguments: those of psql. Runs in a PostgreSQL pod, as superuser over the Unix socket, which requires no password.
# shellcheck shell=sh
export PSQL_HISTORY=/tmp/psql_history
exec psql --username=postgres --dbname=nx_seller_core "$@"
