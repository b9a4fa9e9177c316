#!/bin/bash
# Liveness of the sidecar: its loop still runs. A round takes up to a minute if every node times out.
set -eu
age=$(($(date +%s) - $(stat -c %Y "$STARTED")))
[ $age -lt 120 ] || { echo "the last round ended $age s ago"; exit 1; }
