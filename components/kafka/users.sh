#!/bin/sh
# Brings the SCRAM users into the declared state: CREDENTIALS has a file for each, named as the user, with the password in it.
set -eu

configs() {
  "$KAFKA_HOME/bin/kafka-configs.sh" --bootstrap-server "$BOOTSTRAP" --entity-type users "$@"
}

# By way of a file in memory: everybody on the machine can read arguments.
umask 077
for file in "$CREDENTIALS"/*; do
  printf 'SCRAM-SHA-512=iterations=8192,password=%s\n' "$(cat "$file")" >"$PRIVATE/credential.properties"
  configs --alter --entity-name "${file##*/}" --add-config-file "$PRIVATE/credential.properties"
done

# A user that is no longer declared must not come in any more.
configs --describe >"$PRIVATE/users"
sed -n "s/^SCRAM credential configs for user-principal '\(.*\)' are .*/\1/p" "$PRIVATE/users" | while read -r user; do
  [ -e "$CREDENTIALS/$user" ] || configs --alter --entity-name "$user" --delete-config SCRAM-SHA-512 </dev/null
done
