#!/bin/sh
# Creates the directory of a new volume. Looks like a newly formatted disk: owned by root, with lost+found. The kubelet
# then applies the pod's fsGroup.
set -eu
mkdir -p "$VOL_DIR/lost+found"
chmod 0755 "$VOL_DIR"
chmod 0700 "$VOL_DIR/lost+found"
