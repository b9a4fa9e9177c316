-- A partitioned table's changes and snapshot are events of the table. PostgreSQL publishes the changes as the table's.
-- Debezium would read the partitions in a snapshot too: cdc_user may read the table, which includes all its rows, but
-- not a partition by its own name. A partition that is detached is a captured table from then on.
alter publication :"publication" set (publish_via_partition_root = true);

create or replace function debezium.hide_partitions() returns void
  language plpgsql security definer set search_path = pg_catalog set debezium.reader = :'cdc_user' as $$
declare
  reader constant name := current_setting('debezium.reader');
  captured record;
begin
  for captured in
    select c.oid::regclass as name, c.relispartition as is_partition
      from pg_class c
      join pg_publication_namespace p on p.pnnspid = c.relnamespace
     where c.relkind in ('r', 'p') and c.relpersistence = 'p'
       and has_table_privilege(reader, c.oid, 'select') = c.relispartition
  loop
    if captured.is_partition then
      execute format('revoke select on %s from %I', captured.name, reader);
    else
      execute format('grant select on %s to %I', captured.name, reader);
    end if;
  end loop;
end $$;
create or replace function debezium.hide_new_partitions() returns event_trigger
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform debezium.hide_partitions();
end $$;
revoke all on function debezium.hide_partitions, debezium.hide_new_partitions from public;
drop event trigger if exists hide_new_partitions;
create event trigger hide_new_partitions on ddl_command_end
  when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE')
  execute function debezium.hide_new_partitions();
\o /dev/null
select debezium.hide_partitions();
\o
