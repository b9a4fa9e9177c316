#!/bin/sh
# kafka-run-class.sh [-name NAME] [-loggc] CLASS [ARGUMENT...]: runs a Kafka class with the environment variables of the
# upstream script: KAFKA_HEAP_OPTS, KAFKA_JVM_PERFORMANCE_OPTS, KAFKA_GC_LOG_OPTS, KAFKA_JMX_OPTS, KAFKA_LOG4J_OPTS,
# KAFKA_OPTS, LOG_DIR, CLASSPATH and JAVA_HOME. Differences: no JMX agent without KAFKA_JMX_OPTS, no -daemon.
set -eu
home=$(cd "$(dirname "$0")/.." && pwd)
logs=${LOG_DIR:-$home/logs}
name=
gc_log=${KAFKA_GC_LOG_OPTS:-}
while :; do
  case ${1:-} in
    -name) name=$2 && shift 2 ;;
    -loggc)
      gc_log=${gc_log:--Xlog:gc*:file=$logs/$name-gc.log:time,tags:filecount=10,filesize=100M}
      shift
      ;;
    -daemon)
      echo "$0: -daemon is not supported" >&2
      exit 2
      ;;
    '')
      echo "usage: $0 [-name NAME] [-loggc] CLASS [ARGUMENT...]" >&2
      exit 1
      ;;
    *) break ;;
  esac
done

# Each JAR by name in sorted order: a CDS archive is only valid for the same class path.
class_path=${CLASSPATH:-}
for archive in "$home"/libs/*.jar; do class_path=${class_path:+$class_path:}$archive; done

if [ -n "${KAFKA_LOG4J_OPTS:-}" ]; then
  mkdir -p "$logs"
  logging=$KAFKA_LOG4J_OPTS
elif [ -e "$home/config/tools-log4j2.yaml" ]; then
  logging=-Dlog4j2.configurationFile=$home/config/tools-log4j2.yaml
else
  logging=-Dlog4j.configuration=file:$home/config/tools-log4j.properties
fi

performance=${KAFKA_JVM_PERFORMANCE_OPTS:--server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 \
  -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent -Djava.awt.headless=true}

classes=
if [ -e "$home/kafka.jsa" ] && [ -z "${CLASSPATH:-}" ]; then classes=-XX:SharedArchiveFile=$home/kafka.jsa; fi

# Each variable may contain several options.
# shellcheck disable=SC2086
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" $classes ${KAFKA_HEAP_OPTS:--Xmx256M} $performance $gc_log ${KAFKA_JMX_OPTS:-} \
  "-Dkafka.logs.dir=$logs" $logging -cp "$class_path" ${KAFKA_OPTS:-} "$@"
