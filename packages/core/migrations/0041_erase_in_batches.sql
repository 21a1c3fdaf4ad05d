-- Up Migration

-- The rows of a large organization are deleted in steps of `step` rows, each in its own transaction: one statement for all
-- rows would exceed the time limit of statements at each attempt. See docs/decisions/0018-the-end-of-data.md.
create or replace function erase_rows(deletion uuid) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := public.app_org_id();
  d public.deletions;
  batch uuid[];
  step constant integer := 2000;
  removed bigint;
begin
  select * into d from public.deletions where org_id = org and id = deletion for update;
  if d.id is null or d.state <> 'scheduled' or d.erase_after > now() then
    raise exception 'no deletion % is due', deletion using errcode = 'object_not_in_prerequisite_state';
  end if;
  if d.kind = 'session' then
    perform set_config('app.deletion', deletion::text, true);
    -- Allows time for an upload that started with the last URL to end.
    update public.deletions set state = 'erased', attempts = 0, next_try_at = interval '10 minutes' + greatest(now(),
        (select max(expires_at) from public.uploads where org_id = org and session_id = d.entity_id))
      where org_id = org and id = deletion;
    perform public.erase_sessions(array[d.entity_id]);
    return true;
  end if;
  -- The sessions of a vehicle have separate deletions, and an organization may have some.
  perform set_config('app.deletion', 'all', true);
  if d.kind = 'vehicle' then
    if exists (select from public.sessions where org_id = org and vehicle_id = d.entity_id) then
      return false;
    end if;
    delete from public.vehicles where org_id = org and id = d.entity_id;
    perform public.erase_events('vehicle', array[d.entity_id]);
    update public.deletions set state = 'done' where org_id = org and id = deletion;
    return true;
  end if;
  batch := array(select id from public.sessions where org_id = org limit 100);
  if cardinality(batch) > 0 then
    perform public.erase_sessions(batch);
    return false;
  end if;
  delete from public.events where org_id = org and id = any (array(select id from public.events where org_id = org limit step));
  get diagnostics removed = row_count;
  if removed = step then
    return false;
  end if;
  delete from public.outbox where org_id = org and id = any (array(select id from public.outbox where org_id = org limit step));
  get diagnostics removed = row_count;
  if removed = step then
    return false;
  end if;
  delete from public.vehicles where org_id = org and id = any (array(select id from public.vehicles where org_id = org limit step));
  get diagnostics removed = row_count;
  if removed = step then
    return false;
  end if;
  -- One for each session and vehicle that was ever erased. This one stays to the end, so that the next step finds it.
  delete from public.deletions where org_id = org and id = any (
    array(select id from public.deletions where org_id = org and id <> deletion limit step));
  get diagnostics removed = row_count;
  if removed = step then
    return false;
  end if;
  delete from public.session_counts where org_id = org;
  delete from public.enrolment_codes where org_id = org;
  delete from public.devices where org_id = org;
  delete from public.users where org_id = org;
  perform set_config('app.deletion', org::text, true);
  delete from public.deletions where org_id = org;
  delete from public.sites where org_id = org;
  delete from public.organizations where id = org;
  return true;
end $$;
