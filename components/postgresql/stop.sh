#!/bin/sh
# preStop hook. SIGINT (fast shutdown) ends the sessions and writes a checkpoint. The kubelet's SIGTERM (smart shutdown)
# would wait for clients to disconnect; after SIGINT it has no effect.
kill -INT 1
