#!/bin/sh
# Deletes the directory of a deleted volume.
set -eu
rm -rf "$VOL_DIR"
