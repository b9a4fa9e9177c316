-- What change data capture needs in the application's database; idempotent. Names come from the environment, passwords from mounted
-- Secrets, both read by psql itself, so that they appear in no argument list.
\getenv schemas CAPTURED_SCHEMAS
\getenv publication PUBLICATION
\getenv slot SLOT
\getenv app_user APP_USER
\set cdc_user `cat "$CREDENTIALS/cdc/username"`
\set cdc_password `cat "$CREDENTIALS/cdc/password"`

-- The password passes through SQL: nothing of it may be logged.
set log_statement = 'none';
set log_min_duration_statement = -1;
set log_min_error_statement = 'panic';
set password_encryption = 'scram-sha-256';
set client_min_messages = warning;

select format('create role %I', :'cdc_user')
 where not exists (select from pg_roles where rolname = :'cdc_user')
\gexec
alter role :"cdc_user" login replication password :'cdc_password';

-- A heartbeat lets the slot advance while other databases and tables are written to; by signals a snapshot is asked for.
create schema if not exists debezium;
grant usage on schema debezium to :"cdc_user";
create table if not exists debezium.heartbeat (
  id integer primary key default 1 check (id = 1),
  at timestamptz not null default now()
);
create table if not exists debezium.signal (
  id varchar(64) primary key,
  type varchar(32) not null,
  data varchar(2048)
);
grant select, insert, update on debezium.heartbeat, debezium.signal to :"cdc_user";

select format('grant usage on schema %I to %I', schema, :'cdc_user'),
       format('grant select on all tables in schema %I to %I', schema, :'cdc_user'),
       format('alter default privileges for role %I in schema %I grant select on tables to %I', :'app_user', schema, :'cdc_user')
  from unnest(string_to_array(:'schemas', ' ')) as schema
\gexec

-- Tables that are made later belong to it too, which is what a publication of schemas needs a superuser for.
select format('create publication %I', :'publication')
 where not exists (select from pg_publication where pubname = :'publication')
\gexec
select format('alter publication %I set tables in schema debezium, %s', :'publication', string_agg(quote_ident(schema), ', '))
  from unnest(string_to_array(:'schemas', ' ')) as schema
\gexec

-- PostgreSQL refuses to update a published table whose rows it cannot identify. One without a primary key is identified by all of its
-- columns, now and when it is made: nobody's updates fail because they are captured.
create or replace function debezium.identify_rows(tables oid[]) returns void
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  unidentified regclass;
begin
  for unidentified in
    select c.oid::regclass
      from pg_class c
      join pg_publication_namespace p on p.pnnspid = c.relnamespace
     where c.relkind in ('r', 'p') and c.relpersistence = 'p' and c.relreplident = 'd'
       and (tables is null or c.oid = any (tables))
       and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)
  loop
    execute format('alter table %s replica identity full', unidentified);
  end loop;
end $$;
create or replace function debezium.identify_rows_of_new_tables() returns event_trigger
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform debezium.identify_rows(array(
    select objid from pg_event_trigger_ddl_commands() where classid = 'pg_class'::regclass and object_type = 'table'
  ));
end $$;
revoke all on function debezium.identify_rows, debezium.identify_rows_of_new_tables from public;
drop event trigger if exists identify_rows_of_new_tables;
create event trigger identify_rows_of_new_tables on ddl_command_end
  when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE')
  execute function debezium.identify_rows_of_new_tables();
\o /dev/null
select debezium.identify_rows(null);

-- Made here and not by Debezium 3.0, which cannot ask for one that standbys keep a copy of. Two kinds are of no use: one that fell behind
-- further than max_slot_wal_keep_size, and one that Debezium made all the same, because its own had gone with a lost server. What a new
-- one has missed is read from the tables, if Debezium has run before.
select pg_terminate_backend(active_pid, 10000) from pg_replication_slots
 where slot_name = :'slot' and active_pid is not null and not failover;
select pg_drop_replication_slot(slot_name) from pg_replication_slots
 where slot_name = :'slot' and (wal_status = 'lost' or not failover);
select not exists (select from pg_replication_slots where slot_name = :'slot') as slot_is_missing
\gset
\if :slot_is_missing
select pg_create_logical_replication_slot(:'slot', 'pgoutput', false, false, true);
insert into debezium.signal (id, type, data)
select gen_random_uuid(), 'execute-snapshot', '{"type": "blocking", "data-collections": [".*"]}'
 where exists (select from debezium.heartbeat);
\endif
