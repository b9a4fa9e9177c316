#!/bin/sh
# Creates a CDS archive of the classes that the broker and the tools load, as the upstream image does: loading classes
# takes half of their startup time. The JVM ignores an archive that does not match.
set -eu
home=/opt/kafka
export JAVA_HOME=/opt/java/openjdk
work=$(mktemp -d)

# record NAME PROGRAM [ARGUMENT...]: lists the classes that a Kafka program loads until it exits, at most for 30 s.
record() {
  list=$work/$1.classes
  program=$2
  shift 2
  KAFKA_OPTS="-Xshare:off -XX:DumpLoadedClassList=$list" timeout --signal=KILL 30 "$home/bin/$program" "$@" >"$work/output" 2>&1 || true
  [ -s "$list" ] || { cat "$work/output" >&2; exit 1; }
}

cat >"$work/server.properties" <<END
process.roles=broker,controller
node.id=0
controller.quorum.voters=0@localhost:9093
listeners=CLIENT://localhost:9092,CONTROLLER://localhost:9093
listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=CLIENT
sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
log.dirs=$work/data
END
# Nothing listens on this port.
printf '%s\n' default.api.timeout.ms=2000 request.timeout.ms=1000 >"$work/client.properties"
unreachable="--bootstrap-server localhost:1 --command-config $work/client.properties"

record storage kafka-storage.sh format --cluster-id=MkU3OEVBNTcwNTJENDM2Qg --config "$work/server.properties"
record broker kafka-server-start.sh "$work/server.properties"
# shellcheck disable=SC2086 # word splitting is intended
record users kafka-configs.sh $unreachable --entity-type users --describe
# shellcheck disable=SC2086
record topics kafka-topics.sh $unreachable --list

# At run time the JVM compares modification times, which are 0 for all files of an image.
touch --date=@0 "$home"/libs/*.jar
class_path=
for archive in "$home"/libs/*.jar; do class_path=${class_path:+$class_path:}$archive; done
# IDs are only unique within one list; names are sufficient for classes on the class path.
sed -e '/^#/d' -e '/ source: /d' -e 's/ id: .*//' "$work"/*.classes | sort -u >"$work/all"
"$JAVA_HOME/bin/java" -Xshare:dump "-XX:SharedClassListFile=$work/all" "-XX:SharedArchiveFile=$home/kafka.jsa" -cp "$class_path" >"$work/output" 2>&1 ||
  { cat "$work/output" >&2; exit 1; }
rm -r "$work"
