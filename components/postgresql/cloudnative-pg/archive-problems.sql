-- One line for each problem of the WAL archive, with the command that shows its cause. The file `.ready` of a WAL
-- segment exists until the segment is archived. Variable: minutes, after which a segment should be archived.
with waiting as (
  select count(*) as files, min(modification) as since from pg_ls_archive_statusdir() where name like '%.ready'
)
select format(
  'WAL is not archived since %s: %s files wait. Writes go on until the volume is full, and it is archived by itself '
  'when the object store is back. Cause: npm run kubectl -- logs --namespace nx-persistent --selector '
  'cnpg.io/cluster=%s,cnpg.io/instanceRole=primary --container plugin-barman-cloud --tail 5. See docs/backups.md',
  to_char(coalesce(last_archived_time, since) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'),
  files,
  current_setting('cluster_name')
)
from waiting, pg_stat_archiver
where files > 0 and (
  last_failed_time > coalesce(last_archived_time, '-infinity')
  or since < now() - make_interval(mins => :minutes)
);
