#!/bin/sh
# Fetches the snapshot from the node, and deletes it there, with those of backups that ended half-way.
#
# PASSWORD  of the node's server of snapshots, which is rclone's remote `node`
# NAME      folder of the snapshot there
# BACKUP    folder of the copy
set -eu

RCLONE_CONFIG_NODE_PASS=$(printf %s "$PASSWORD" | rclone obscure -)
export RCLONE_CONFIG_NODE_PASS

rclone copy "node:$NAME" "$BACKUP"
folders=$(rclone lsf --dirs-only node:)
echo "$folders" | while read -r folder; do
  rclone purge "node:$folder" </dev/null
done
cd "$BACKUP"
sums=$(find . -type f -exec sha256sum {} +)
echo "$sums" >SHA256SUMS
echo "$(wc -l <SHA256SUMS) files, $(du -sh . | cut -f 1)"
