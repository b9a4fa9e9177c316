#!/bin/sh
# Runs before the container is stopped. SIGTERM would wait for every client to leave, and pooled clients never do; SIGINT waits for
# transactions only. First the endpoint has to vanish from the Service, so that no new client arrives.
sleep 5
kill -INT 1
# A second signal would end PgBouncer at once: the one that follows this step must not arrive before it is gone.
while kill -0 1; do sleep 0.2; done
