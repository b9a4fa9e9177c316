#!/bin/sh
# Liveness: the server answers, whatever it is: that it loads its data, or lost its master, or wants a password. Nothing of the state of
# the cluster counts, which no restart mends.
exec redis-cli -p "$PORT" ping
