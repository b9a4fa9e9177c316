-- Roles, database, extensions, schemas and their owner on the primary; idempotent, runs before every start.
-- psql itself reads the credentials from the mounted Secrets, so they appear in no argument list.
\set superuser_password `cat "$CREDENTIALS/superuser/password"`
\set app_user `cat "$CREDENTIALS/app/username"`
\set app_password `cat "$CREDENTIALS/app/password"`
\set app_database `cat "$CREDENTIALS/app/dbname"`
\set replication_user `cat "$CREDENTIALS/replication/username"`
\set replication_password `cat "$CREDENTIALS/replication/password"`

set password_encryption = 'scram-sha-256';
set client_min_messages = warning;

select format('create role %I', role)
  from unnest(array[:'app_user', :'replication_user']) as role
 where not exists (select from pg_roles where rolname = role)
\gexec
alter role postgres password :'superuser_password';
alter role :"app_user" login createdb password :'app_password';
alter role :"replication_user" login replication password :'replication_password';

select format('create database %I owner %I', :'app_database', :'app_user')
 where not exists (select from pg_database where datname = :'app_database')
\gexec

\connect :"app_database"
set client_min_messages = warning;
create extension if not exists pg_stat_statements;
create extension if not exists pgcrypto;

select format('create schema if not exists %I; alter schema %1$I owner to %I', schema, :'app_user')
  from unnest(array['public', 'pricing', 'allocation', 'inventory', 'finance', 'payment', 'sale']) as schema
\gexec
\ir ownership.sql
