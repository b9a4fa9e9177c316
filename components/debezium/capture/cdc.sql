-- What change data capture needs in the application's database; idempotent. psql itself reads names from the
-- environment and passwords from mounted Secrets, so they appear in no argument list.
\getenv schemas CAPTURED_SCHEMAS
\getenv publication PUBLICATION
\getenv slot SLOT
\getenv app_user APP_USER
\getenv captured CAPTURED
\set cdc_user `cat "$CREDENTIALS/cdc/username"`
\set cdc_password `cat "$CREDENTIALS/cdc/password"`

-- The SQL contains the password: it must not be logged.
set log_statement = 'none';
set log_min_duration_statement = -1;
set log_min_error_statement = 'panic';
set password_encryption = 'scram-sha-256';
set client_min_messages = warning;

select format('create role %I', :'cdc_user')
 where not exists (select from pg_roles where rolname = :'cdc_user')
\gexec
alter role :"cdc_user" login replication connection limit -1 valid until 'infinity' password :'cdc_password';

-- The heartbeat lets the slot advance while only other databases and tables are written to; signals request snapshots.
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
\ir heartbeat.sql
\ir problems.sql

select format('grant usage on schema %I to %I', schema, :'cdc_user'),
       format('grant select on all tables in schema %I to %I', schema, :'cdc_user'),
       format('alter default privileges for role %I in schema %I grant select on tables to %I', :'app_user', schema, :'cdc_user')
  from unnest(string_to_array(:'schemas', ' ')) as schema
\gexec

-- A publication of schemas includes tables that are created later. Only a superuser can create it.
-- Without it the slot is of no use: PostgreSQL 17 looks up the publication as of the time of each change, and ends the
-- stream at a change from when there was none.
\o /dev/null
select pg_terminate_backend(active_pid, 10000) from pg_replication_slots
 where slot_name = :'slot' and active_pid is not null
   and not exists (select from pg_publication where pubname = :'publication');
select pg_drop_replication_slot(slot_name) from pg_replication_slots
 where slot_name = :'slot' and not exists (select from pg_publication where pubname = :'publication');
\o
select format('create publication %I', :'publication')
 where not exists (select from pg_publication where pubname = :'publication')
\gexec
select format('alter publication %I set tables in schema debezium, %s', :'publication', string_agg(quote_ident(schema), ', '))
  from unnest(string_to_array(:'schemas', ' ')) as schema
\gexec

-- PostgreSQL refuses to update a published table whose rows it cannot identify. Rows of a table without a primary key
-- are identified by all columns, for existing tables and for new ones: no update fails because its table is captured.
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
\o
\ir partitions.sql
\ir topic-names.sql
\o /dev/null

-- Two kinds of slot are replaced: one that fell further behind than max_slot_wal_keep_size, and one without failover,
-- which Debezium created because its own was lost.
select debezium.create_slot()
 where not exists (
   select from pg_replication_slots where slot_name = :'slot' and failover and wal_status is distinct from 'lost'
 );
