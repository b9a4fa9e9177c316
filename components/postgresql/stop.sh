#!/bin/sh
# Runs before the container is stopped. SIGINT ends the sessions and writes a checkpoint; SIGTERM, which follows and then changes nothing,
# would wait for clients to leave.
kill -INT 1
