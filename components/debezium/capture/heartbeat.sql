-- The heartbeat: cdc_user calls it every ten seconds while it reads the slot, and the change that it makes goes the way
-- of every other. It also replaces a slot that Debezium created itself because the former one was dropped.

-- What the settings declare, for the functions.
create table if not exists debezium.declaration (
  id integer primary key default 1 check (id = 1),
  role name not null,
  publication name not null,
  slot name not null,
  captured text[] not null -- SCHEMA or SCHEMA.TABLE
);
insert into debezium.declaration (role, publication, slot, captured)
values (:'cdc_user', :'publication', :'slot', string_to_array(:'captured', ' '))
on conflict (id) do update
  set (role, publication, slot, captured) = (excluded.role, excluded.publication, excluded.slot, excluded.captured);

-- Slots that were replaced, until an operator deletes the row.
create table if not exists debezium.lost_slot (noticed timestamptz not null default now());

-- The snapshot that a new slot needs, until it is complete.
create table if not exists debezium.snapshot_request (
  id integer primary key default 1 check (id = 1),
  session text, -- Debezium's session whose heartbeat sent the signal
  signalled pg_lsn, -- a position after the signal
  is_read boolean not null default false -- Debezium has committed a position after the signal
);

-- Creates the slot, in place of another. It is created here because Debezium 3.0 cannot create a failover slot. If
-- Debezium has run before, a snapshot of the tables covers what the new slot missed.
create or replace function debezium.create_slot() returns void
  language plpgsql set search_path = pg_catalog as $$
declare
  slot constant name := (select d.slot from debezium.declaration d);
begin
  perform pg_terminate_backend(active_pid, 10000) from pg_replication_slots
    where slot_name = slot and active_pid is not null;
  perform pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = slot;
  perform pg_create_logical_replication_slot(slot, 'pgoutput', false, false, true);
  if exists (select from debezium.heartbeat) then
    insert into debezium.lost_slot default values;
    insert into debezium.snapshot_request default values
      on conflict (id) do update set session = null, signalled = null, is_read = false;
  end if;
end $$;

-- Debezium 3.0 may forget a snapshot if it restarts after it has read the signal. So each session that sends heartbeats,
-- which is one for each start, gets the signal, until one of them has read it and sends another heartbeat: it sends none
-- between the signal and the end of the snapshot.
create or replace function debezium.follow_snapshot() returns void
  language plpgsql set search_path = pg_catalog as $$
declare
  request debezium.snapshot_request;
  own_session constant text := (select pid || ' ' || backend_start from pg_stat_activity where pid = pg_backend_pid());
begin
  select * into request from debezium.snapshot_request;
  if not found then
    return;
  elsif request.session is distinct from own_session then
    insert into debezium.signal (id, type, data)
    values (gen_random_uuid(), 'execute-snapshot', '{"type": "blocking", "data-collections": [".*"]}');
    update debezium.snapshot_request set session = own_session, signalled = null, is_read = false;
  elsif request.signalled is null then
    update debezium.snapshot_request set signalled = pg_current_wal_lsn();
  elsif request.is_read then
    delete from debezium.snapshot_request;
  else
    update debezium.snapshot_request set is_read = true
      from pg_replication_slots s join debezium.declaration d on s.slot_name = d.slot
     where s.confirmed_flush_lsn >= request.signalled;
  end if;
end $$;

create or replace function debezium.beat() returns void
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  -- A new slot waits for all transactions that run: with a long one, the next heartbeat tries again.
  if exists (select from pg_replication_slots s join debezium.declaration d on s.slot_name = d.slot where not s.failover)
     and not exists (
       select from pg_stat_activity where backend_xid is not null and xact_start < now() - interval '5 seconds'
     )
  then
    perform debezium.create_slot();
  else
    perform debezium.follow_snapshot();
  end if;
  insert into debezium.heartbeat (id) values (1) on conflict (id) do update set at = now();
end $$;
revoke all on function debezium.create_slot, debezium.follow_snapshot, debezium.beat from public;
grant execute on function debezium.beat to :"cdc_user";
