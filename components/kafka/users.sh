#!/bin/sh
# Creates, updates and removes SCRAM users as declared: CREDENTIALS has a file for each, named as the user, that
# contains the password.
set -eu

configs() {
  "$KAFKA_HOME/bin/kafka-configs.sh" --bootstrap-server "$BOOTSTRAP" --entity-type users "$@"
}

# Passwords go through a file in memory: everybody on the machine can read arguments.
umask 077
for file in "$CREDENTIALS"/*; do
  printf 'SCRAM-SHA-512=iterations=8192,password=%s\n' "$(cat "$file")" >"$PRIVATE/credential.properties"
  configs --alter --entity-name "${file##*/}" --add-config-file "$PRIVATE/credential.properties"
done

# A user that is no longer declared must lose access.
configs --describe >"$PRIVATE/users"
sed -n "s/^SCRAM credential configs for user-principal '\(.*\)' are .*/\1/p" "$PRIVATE/users" | while read -r user; do
  [ -e "$CREDENTIALS/$user" ] || configs --alter --entity-name "$user" --delete-config SCRAM-SHA-512 </dev/null
done
