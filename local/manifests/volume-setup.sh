#!/bin/sh
# Makes the directory of a new volume the way a freshly formatted disk looks: owned by root, with a lost+found. The
# kubelet hands it to the pod's fsGroup.
set -eu
mkdir -p "$VOL_DIR/lost+found"
chmod 0755 "$VOL_DIR"
chmod 0700 "$VOL_DIR/lost+found"
