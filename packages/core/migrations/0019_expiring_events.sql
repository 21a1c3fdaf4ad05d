-- Up Migration

-- Events expire: reported events after the time that the installation sets, the audit log after the organization's time.
-- Null: the installation's time for all events.
alter table organizations add column audit_days integer check (audit_days between 30 and 36500);
grant update (audit_days) on organizations to spinbay_app;

create index events_reported_by_age on events (org_id, created_at) where reported;
create index events_audit_by_age on events (org_id, created_at) where not reported;

-- Deletes some expired events of the transaction's organization, oldest first.
-- The role of API and worker may not delete events directly. The function never deletes events younger than 30 days.
create function expire_events(days integer, most integer) returns integer
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := public.app_org_id();
  audit_days integer := coalesce((select o.audit_days from public.organizations o where o.id = org), days);
  removed integer;
begin
  with old as materialized (
    (select id from public.events
      where org_id = org and reported and created_at < now() - make_interval(days => greatest(days, 30))
      order by created_at limit most)
    union all
    (select id from public.events
      where org_id = org and not reported and created_at < now() - make_interval(days => greatest(audit_days, 30))
      order by created_at limit most)
  )
  delete from public.events e using old where e.org_id = org and e.id = old.id;
  get diagnostics removed = row_count;
  return removed;
end $$;
revoke all on function expire_events (integer, integer) from public;
grant execute on function expire_events (integer, integer) to spinbay_app;
