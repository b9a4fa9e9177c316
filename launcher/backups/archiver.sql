-- The state of the WAL archive, as JSON. The file `.ready` of a WAL segment exists until the segment is archived.
select json_build_object(
  'lastArchived', to_char(last_archived_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  'lastFailed', to_char(last_failed_time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  'waiting', waiting.files,
  'waitingSince', to_char(waiting.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
)
from pg_stat_archiver, (
  select count(*) as files, min(modification) as since from pg_ls_archive_statusdir() where name like '%.ready'
) as waiting
