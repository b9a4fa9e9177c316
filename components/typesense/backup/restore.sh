#!/bin/sh
# Replaces the data on a node's volume by a backup. The node is stopped meanwhile.
#
# DATA    folder of the data
# BACKUP  folder of the backup, on the same volume
set -eu

# What Typesense keeps there; it makes `db` and `meta` from the snapshot.
rm -rf "$DATA/state" "$DATA/db" "$DATA/meta"
for part in "$BACKUP"/*; do
  case ${part##*/} in
    SHA256SUMS | complete) continue ;;
  esac
  rm -rf "${DATA:?}/${part##*/}"
  mv "$part" "$DATA/"
done
rm -rf "$BACKUP"
echo "the volume has the backup's data"
