#!/bin/sh
# preStop hook. On SIGTERM PgBouncer would wait until every client disconnects, and clients with connection pools never
# do; on SIGINT it waits for transactions only. The sleep lets the endpoint leave the Service first, so that no new
# client arrives.
sleep 5
kill -INT 1
# A second signal would stop PgBouncer immediately: wait for its exit, so that the kubelet's SIGTERM does not arrive
# earlier.
while kill -0 1; do sleep 0.2; done
