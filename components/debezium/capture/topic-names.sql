-- Names of tables and columns. Debezium 3.0 reads names in the stream of changes byte by byte, so that names outside
-- ASCII are garbled: it does not find such a table's primary key, and its changes have no key. In a topic's name it
-- replaces every character, or byte, that is not an ASCII letter, a digit, `.`, `_` or `-` with `_`. So tables could
-- share a topic. A table that would is refused; for every other name that is not ASCII there is a warning.

-- The topics of a table, without the prefix: of its changes, and of its rows in a snapshot.
create or replace function debezium.topics(schema name, table_name name) returns text[]
  language sql stable set search_path = pg_catalog as $$
  select array[
    regexp_replace(convert_from(convert_to(name, 'UTF8'), 'LATIN1'), '[^A-Za-z0-9._-]', '_', 'g'),
    -- Java counts a character outside the Basic Multilingual Plane as two.
    regexp_replace(regexp_replace(name, '[\U00010000-\U0010ffff]', '__', 'g'), '[^A-Za-z0-9._-]', '_', 'g')
  ] from concat(schema, '.', table_name) name
$$;

-- Captured tables, and their columns whose names are not ASCII. A partition's events are those of its table.
create or replace view debezium.captured_table as
  select c.oid as id, c.oid::regclass as name, debezium.topics(n.nspname, c.relname) as topics,
         concat(n.nspname, c.relname) !~ '^[\x01-\x7f]*$' as is_garbled,
         array(
           select attname from pg_attribute
            where attrelid = c.oid and attnum > 0 and not attisdropped and attname !~ '^[\x01-\x7f]*$'
            order by attnum
         ) as garbled_columns
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_publication_namespace p on p.pnnspid = n.oid
   where c.relkind in ('r', 'p') and c.relpersistence = 'p' and not c.relispartition;

-- What is wrong with the names of captured tables: one line for each table, with the table's id.
create or replace function debezium.problems_of_names() returns table (id oid, is_fatal boolean, problem text)
  language sql stable set search_path = pg_catalog as $$
  select a.id, true, format('the tables %s and %s share a topic of change events, ending with %s: rename one of them',
                            a.name, b.name, (select t from unnest(a.topics) t where t = any (b.topics) limit 1))
    from debezium.captured_table a
    join debezium.captured_table b on a.topics && b.topics and a.id <> b.id
  union all
  select t.id, false, format('the name of table %s is not ASCII, and Debezium cannot read it: its changes have no key, and their topic'
                             ' ends with %s. Rename the table', t.name, t.topics[1])
    from debezium.captured_table t where t.is_garbled
  union all
  select t.id, false, format('names of columns of table %s are not ASCII, and are garbled in its events: %s. Rename them', t.name,
                             array_to_string(t.garbled_columns, ', '))
    from debezium.captured_table t where t.garbled_columns <> '{}'
$$;

create or replace function debezium.check_names() returns event_trigger
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  found_problem record;
begin
  for found_problem in
    select p.is_fatal, p.problem
      from debezium.problems_of_names() p
      join pg_event_trigger_ddl_commands() d on d.objid = p.id and d.classid = 'pg_class'::regclass
     order by p.is_fatal desc
  loop
    if found_problem.is_fatal then
      raise exception using errcode = 'duplicate_table', message = found_problem.problem;
    end if;
    raise warning using message = found_problem.problem;
  end loop;
end $$;
revoke all on function debezium.topics, debezium.problems_of_names, debezium.check_names from public;
drop event trigger if exists check_names;
create event trigger check_names on ddl_command_end
  when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE')
  execute function debezium.check_names();

do $$
declare
  found_problem text;
begin
  for found_problem in select problem from debezium.problems_of_names() loop
    raise warning using message = found_problem;
  end loop;
end $$;
