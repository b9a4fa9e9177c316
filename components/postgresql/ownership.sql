-- One rule for everything in the application's schemas, whoever makes it: it belongs to the application, and its
-- privileges are those of an object that the application makes. The application is the owner of the database, and its
-- schemas are those that it owns. Members of extensions and temporary objects keep their owner, and so does everything in
-- other schemas. Idempotent; run by a superuser, connected to the application's database.

-- Only a superuser can change this schema: its functions run as superuser for everybody who makes an object.
create schema if not exists data_layer;

-- The objects that another role owns. Not listed is what follows another object: indexes, sequences of a column, array and
-- row types, constructors of a range type, members of an extension.
create or replace view data_layer.foreign_owned as
with object (classid, objid, namespace, owner) as (
  select 'pg_class'::regclass, oid, relnamespace, relowner from pg_class as relation
   where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
     and not exists (
       select from pg_depend as owned where owned.classid = 'pg_class'::regclass and owned.objid = relation.oid
          and relkind = 'S' and owned.refclassid = 'pg_class'::regclass and owned.deptype in ('a', 'i')
     )
  union all
  select 'pg_proc'::regclass, oid, pronamespace, proowner from pg_proc
  union all
  select 'pg_type'::regclass, oid, typnamespace, typowner from pg_type as type
   where typtype <> 'm'
     and not exists (select from pg_type where typarray = type.oid)
     and not exists (select from pg_class where oid = type.typrelid and relkind <> 'c')
  union all
  select 'pg_statistic_ext'::regclass, oid, stxnamespace, stxowner from pg_statistic_ext
  union all
  select 'pg_collation'::regclass, oid, collnamespace, collowner from pg_collation
  union all
  select 'pg_conversion'::regclass, oid, connamespace, conowner from pg_conversion
  union all
  select 'pg_operator'::regclass, oid, oprnamespace, oprowner from pg_operator
  union all
  select 'pg_opclass'::regclass, oid, opcnamespace, opcowner from pg_opclass
  union all
  select 'pg_opfamily'::regclass, oid, opfnamespace, opfowner from pg_opfamily
  union all
  select 'pg_ts_config'::regclass, oid, cfgnamespace, cfgowner from pg_ts_config
  union all
  select 'pg_ts_dict'::regclass, oid, dictnamespace, dictowner from pg_ts_dict
)
select object.classid, object.objid, object.namespace, application.oid as application
  from object
  join pg_namespace as schema on schema.oid = object.namespace
  join pg_database as database on database.datname = current_database()
  join pg_roles as application on application.oid = database.datdba and not application.rolsuper
 where schema.nspowner = application.oid
   and object.owner <> application.oid
   and not exists (
     select from pg_depend as dependency
      where dependency.classid = object.classid and dependency.objid = object.objid
        and (dependency.deptype = 'e' or (dependency.deptype = 'i' and object.classid = 'pg_proc'::regclass))
   );

-- The default privileges of the new owner apply to objects that it makes itself: repeats them, such as the right of
-- change data capture to read.
create or replace function data_layer.grant_default_privileges(object data_layer.foreign_owned, kind text, identity text)
  returns void language plpgsql set search_path = pg_catalog as $$
declare
  privileges record;
begin
  for privileges in
    select string_agg(granted.privilege_type, ', ') as list, granted.is_grantable,
           case when granted.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(granted.grantee)) end as grantee
      from pg_default_acl as acl, aclexplode(acl.defaclacl) as granted
     where acl.defaclrole = object.application
       and acl.defaclnamespace in (0, object.namespace)
       and acl.defaclobjtype = case when kind in ('table', 'view', 'materialized view', 'foreign table') then 'r'
                                    when kind = 'sequence' then 'S'
                                    when kind in ('function', 'procedure', 'aggregate') then 'f'
                                    when kind = 'type' then 'T' end::"char"
       and granted.grantee <> object.application
     group by granted.grantee, granted.is_grantable
  loop
    execute format(
      'grant %s on %s %s to %s%s', privileges.list,
      case when kind like '%table' or kind like '%view' then 'table' when kind = 'aggregate' then 'function' else kind end,
      identity, privileges.grantee, case when privileges.is_grantable then ' with grant option' else '' end
    );
  end loop;
end $$;

create or replace function data_layer.hand_over(object data_layer.foreign_owned) returns void
  language plpgsql set search_path = pg_catalog as $$
declare
  kind text;
  identity text;
begin
  select found.type, found.identity into kind, identity
    from pg_identify_object(object.classid, object.objid, 0) as found;
  kind := case kind when 'composite type' then 'type' when 'statistics object' then 'statistics' else kind end;
  execute format('alter %s %s owner to %I', kind, identity, pg_get_userbyid(object.application));
  perform data_layer.grant_default_privileges(object, kind, identity);
end $$;

-- Runs as superuser: another role that may create objects could not give them away. The change of the owner fires the
-- trigger again, which then finds nothing to do.
create or replace function data_layer.hand_over_new_objects() returns event_trigger
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  command record;
begin
  for command in select distinct classid, objid from pg_event_trigger_ddl_commands() loop
    perform data_layer.hand_over(object) from data_layer.foreign_owned as object
      where object.classid = command.classid and object.objid = command.objid;
  end loop;
end $$;

revoke all on all functions in schema data_layer from public;
drop event trigger if exists hand_over_new_objects;

-- What exists already. An object that cannot be handed over must not keep the primary from starting: the status check
-- lists it.
do $$
declare
  object data_layer.foreign_owned;
begin
  for object in select * from data_layer.foreign_owned loop
    begin
      perform data_layer.hand_over(object);
    exception when others then
      raise warning '% of schema % keeps its owner: %', object.objid, object.namespace::regnamespace, sqlerrm;
    end;
  end loop;
end $$;

create event trigger hand_over_new_objects on ddl_command_end execute function data_layer.hand_over_new_objects();
