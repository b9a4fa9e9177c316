#!/bin/sh
# Copies a backup from the object store, and checks that it is whole.
#
# FROM       name of the backup, or "latest"
# BACKUP     folder of the copy
# DIRECTORY  in the object store, with the bucket
set -eu

fail() {
  echo "ERROR: $*" >&2
  exit 1
}

# With a slash at the end, rclone does not ask first whether a folder is a file.
whole=$(rclone lsf --recursive --files-only --include '/*/complete' "store:$DIRECTORY/") ||
  fail "the object store cannot be read"
# The newest first.
names=$(echo "$whole" | sed -n 's|^\([0-9]\{8\}T[0-9]\{6\}Z\)/complete$|\1|p' | sort -r)
[ -n "$names" ] || fail "there is no backup in $DIRECTORY"
name=$FROM
[ "$FROM" != latest ] || name=$(echo "$names" | head -n 1)
echo "$names" | grep -qx -- "$name" ||
  fail "there is no backup $name. The newest are: $(echo "$names" | head -n 10 | tr '\n' ' ')"
mkdir -p "$BACKUP"
rm -rf "${BACKUP:?}"/*
rclone copy "store:$DIRECTORY/$name/" "$BACKUP"
cd "$BACKUP"
sha256sum -c SHA256SUMS >/dev/null || fail "the backup $name is damaged: a checksum differs"
echo "backup $name was read"
