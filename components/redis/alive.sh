#!/bin/sh
# Liveness. Any reply counts, including LOADING, MASTERDOWN and NOAUTH. The state of the cluster does not count: a
# restart does not fix it.
exec redis-cli -p "$PORT" ping
