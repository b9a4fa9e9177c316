-- What is wrong with change data capture on the database's side, for `npm run status`: one line for each problem, with
-- the command that fixes it.

create or replace function debezium.problems() returns setof text
  language plpgsql stable set search_path = pg_catalog as $$
declare
  declared debezium.declaration;
  repair constant text := 'npm run kubectl -- delete job --namespace nx-persistent nx-postgresql-cdc-init'
    ' && npm run pulumi -- up --refresh';
  -- Debezium writes a heartbeat every ten seconds.
  patience constant interval := '60 seconds';
  heartbeat timestamptz;
  reading boolean;
  slot pg_replication_slots;
  kept bigint;
  schemas name[];
  names text;
begin
  select * into strict declared from debezium.declaration;
  select array_agg(distinct split_part(entry, '.', 1)) into schemas from unnest(declared.captured) entry;

  -- The login.
  if not exists (
    select from pg_roles
     where rolname = declared.role and rolcanlogin and rolreplication
       and coalesce(rolvaliduntil > now(), true) and rolconnlimit = -1
       and has_database_privilege(oid, current_database(), 'connect')
  ) then
    return next format('the role %s may not log in, or not with REPLICATION: Debezium cannot connect again. Repair it: %s',
      declared.role, repair);
  end if;

  -- What the login may do.
  if not exists (select from pg_roles where rolname = declared.role) then
    return;
  end if;
  if not has_schema_privilege(declared.role, 'debezium', 'usage')
     or not has_function_privilege(declared.role, 'debezium.beat()', 'execute')
     or not has_table_privilege(declared.role, 'debezium.signal', 'select')
     or not has_table_privilege(declared.role, 'debezium.signal', 'insert')
  then
    return next format('%s may not write its heartbeat or read its signals (schema debezium). Repair it: %s',
      declared.role, repair);
  end if;
  select string_agg(c.oid::regclass::text, ', ' order by c.oid::regclass::text) into names
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence = 'p'
     and (n.nspname = any (declared.captured) or n.nspname || '.' || c.relname = any (declared.captured))
     and not (has_schema_privilege(declared.role, n.oid, 'usage') and has_table_privilege(declared.role, c.oid, 'select'));
  if names is not null then
    return next format('%s may not read %s: snapshots leave out what it cannot read. Repair it: %s',
      declared.role, names, repair);
  end if;

  -- The publication.
  select string_agg(schema, ', ' order by schema) into names
    from unnest(schemas || name 'debezium') schema
   where not exists (
     select from pg_publication p
      where p.pubname = declared.publication and p.pubinsert and p.pubupdate and p.pubdelete
        and (p.puballtables or exists (
          select from pg_publication_namespace s where s.pnpubid = p.oid and s.pnnspid = to_regnamespace(quote_ident(schema))
        ))
   );
  if not exists (select from pg_publication where pubname = declared.publication) then
    return next format('the publication %s does not exist: no change reaches Debezium. Repair it: %s',
      declared.publication, repair);
  elsif names is not null then
    return next format('the publication %s lacks the schemas %s, or kinds of changes. Repair it: %s',
      declared.publication, names, repair);
  end if;

  -- The slot, and who reads it.
  select * into slot from pg_replication_slots where slot_name = declared.slot;
  if slot.slot_name is null then
    return next format('the replication slot %s does not exist: changes are lost. Repair it: %s', declared.slot, repair);
  elsif slot.wal_status = 'lost' then
    return next format('the replication slot %s fell further behind than max_slot_wal_keep_size (%s) and is lost. Repair it: %s',
      declared.slot, current_setting('max_slot_wal_keep_size'), repair);
  elsif not slot.failover then
    return next format('the replication slot %s was dropped, and Debezium created another. The heartbeat replaces it within seconds;'
      ' if this line stays, a transaction runs for long, or: %s', declared.slot, repair);
  end if;
  select setting::bigint * 1024 * 1024 into kept from pg_settings where name = 'max_slot_wal_keep_size' and setting <> '-1';
  if slot.safe_wal_size < kept / 2 then
    return next format('the replication slot %s is %s behind, and is lost in another %s', declared.slot,
      pg_size_pretty(pg_current_wal_lsn() - slot.confirmed_flush_lsn), pg_size_pretty(slot.safe_wal_size));
  end if;

  -- The heartbeat. A snapshot reads tables in a transaction, writes no heartbeat and does not read the slot.
  reading := exists (
    select from pg_stat_activity
     where usename = declared.role and backend_type = 'client backend' and xact_start is not null
  );
  select at into heartbeat from debezium.heartbeat;
  if coalesce(heartbeat, slot.inactive_since) < now() - patience and not reading then
    return next format('Debezium wrote no heartbeat %s, and its slot is %s, %s behind. See why: npm run kubectl -- logs --namespace nx-search'
      ' deployment/nx-debezium --tail=100',
      coalesce('for ' || extract(epoch from now() - heartbeat)::int || ' s', 'yet'),
      case when slot.active then 'in use' else 'not in use' end,
      coalesce(pg_size_pretty(pg_current_wal_lsn() - slot.confirmed_flush_lsn), 'an unknown size'));
  end if;

  -- Debezium's list of types breaks at it, when it connects the next time.
  select string_agg(oid::regtype::text, ', ' order by oid::regtype::text) into names
    from pg_type t where typtype = 'e' and not exists (select from pg_enum where enumtypid = t.oid);
  if names is not null then
    return next format('the enum %s has no labels, at which Debezium cannot start. Add one (alter type ... add value ...) or drop the type',
      names);
  end if;

  return query select n.problem from debezium.problems_of_names() n;

  return query
    select format('at %s the replication slot was lost and was created again. All captured tables %s sent again, but what was deleted'
      ' before is in no event: see docs/operations.md, "A lost slot". When that is done:'
      ' npm run connect -- postgres -- -c ''delete from debezium.lost_slot''', max(noticed)::timestamptz(0),
      case when exists (select from debezium.snapshot_request) then 'are being' else 'were' end)
      from debezium.lost_slot having count(*) > 0;
end $$;

-- Ends psql with an error if there is a problem.
create or replace procedure debezium.fail_on_problems()
  language plpgsql set search_path = pg_catalog as $$
begin
  if exists (select from debezium.problems()) then
    raise 'change data capture has problems';
  end if;
end $$;
revoke all on function debezium.problems from public;
revoke all on procedure debezium.fail_on_problems from public;
