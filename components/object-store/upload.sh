#!/bin/sh
# Copies a backup to the object store, and deletes those that are older than the retention.
#
# BACKUP     folder of the backup, which is emptied
# DIRECTORY  in the object store, with the bucket; each backup has a folder there, named by its time
# RETENTION  days
# RESULT     file for the backup's name, which `npm run backups` shows
set -eu

now=$(date +%s)
name=$(date -u -d "@$now" +%Y%m%dT%H%M%SZ)
oldest=$(date -u -d "@$((now - RETENTION * 86400))" +%Y%m%dT%H%M%SZ)
# With a slash at the end, rclone does not ask first whether a folder is a file.
rclone copy "$BACKUP" "store:$DIRECTORY/$name/"
# Last: a backup without it is not whole.
echo "$name" | rclone rcat "store:$DIRECTORY/$name/complete"
echo "backup $name is in the store"
echo "$name" >"$RESULT"
rm -rf "${BACKUP:?}"/*
# Only folders that have the name of a backup.
folders=$(rclone lsf --dirs-only "store:$DIRECTORY/")
echo "$folders" | sed -n 's|^\([0-9]\{8\}T[0-9]\{6\}Z\)/$|\1|p' | sort |
  awk -v oldest="$oldest" '$1 < oldest' |
  while read -r old; do
    rclone purge "store:$DIRECTORY/$old/" </dev/null
    echo "backup $old was older than $RETENTION days: deleted"
  done
