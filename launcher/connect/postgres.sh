# psql [ARGUMENT...] in a pod of PostgreSQL: as superuser, whom the server knows by the socket and asks for no password.
# shellcheck shell=sh
export PSQL_HISTORY=/tmp/psql_history
exec psql --username=postgres --dbname=nx_seller_core "$@"
