-- Up Migration

-- Scheduled erasures: the data is hidden immediately, can be restored until `erase_after`, and is then deleted by the worker. Ids
-- only, so that a row can stay and prevent the id from being used again. See docs/decisions/0018-the-end-of-data.md.
create table deletions (
  org_id uuid not null references organizations (id),
  id uuid not null,
  kind text not null check (kind in ('organization', 'session', 'vehicle')),
  entity_id uuid not null,
  -- Null for an organization.
  site_id uuid,
  -- A session that is erased together with its vehicle.
  parent_id uuid,
  -- scheduled: its rows are hidden. erased: its objects and rows are deleted. done: late uploads are deleted, too.
  state text not null default 'scheduled' check (state in ('scheduled', 'erased', 'done')),
  erase_after timestamptz not null,
  -- The next attempt, or the end of the current worker's lease.
  next_try_at timestamptz not null,
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  primary key (org_id, id),
  unique (org_id, kind, entity_id),
  foreign key (org_id, site_id) references sites (org_id, id),
  foreign key (org_id, parent_id) references deletions (org_id, id) on delete cascade,
  check ((kind = 'organization') = (site_id is null)),
  check (parent_id is null or kind = 'session')
);
create index deletions_due on deletions (next_try_at) where state <> 'done';
create index deletions_parent on deletions (org_id, parent_id) where parent_id is not null;

alter table deletions enable row level security;
alter table deletions force row level security;
create policy of_org on deletions using (org_id = app_org_id()) with check (org_id = app_org_id());
-- The worker looks for due deletions of all organizations.
create policy due on deletions for select using (current_setting('app.list_deletions', true) = 'on');
grant select, insert, delete on deletions to spinbay_app;
grant update (state, next_try_at, attempts) on deletions to spinbay_app;

alter table organizations add column erasing boolean not null default false;
alter table vehicles add column deletion_id uuid;
alter table sessions add column deletion_id uuid;
alter table images add column deletion_id uuid;
alter table uploads add column deletion_id uuid;
create index vehicles_deletion on vehicles (org_id, deletion_id) where deletion_id is not null;
create index sessions_deletion on sessions (org_id, deletion_id) where deletion_id is not null;
create index images_deletion on images (org_id, deletion_id) where deletion_id is not null;
create index uploads_deletion on uploads (org_id, deletion_id) where deletion_id is not null;
alter table vehicles add foreign key (org_id, deletion_id) references deletions (org_id, id);
alter table sessions add foreign key (org_id, deletion_id) references deletions (org_id, id);
alter table images add foreign key (org_id, deletion_id) references deletions (org_id, id);
alter table uploads add foreign key (org_id, deletion_id) references deletions (org_id, id);
grant update (erasing) on organizations to spinbay_app;
grant update (deletion_id) on vehicles, uploads to spinbay_app;

-- Hides rows with a scheduled erasure from all statements, except in a transaction that names the deletion (or the erased
-- organization, or all) in `app.deletion`.
create policy not_erased on organizations as restrictive
  using (not erasing or current_setting('app.deletion', true) = id::text);
create policy not_erased on vehicles as restrictive
  using (deletion_id is null or current_setting('app.deletion', true) in (deletion_id::text, 'all'));
create policy not_erased on sessions as restrictive
  using (deletion_id is null or current_setting('app.deletion', true) in (deletion_id::text, 'all'));
create policy not_erased on images as restrictive
  using (deletion_id is null or current_setting('app.deletion', true) in (deletion_id::text, 'all'));
create policy not_erased on uploads as restrictive
  using (deletion_id is null or current_setting('app.deletion', true) in (deletion_id::text, 'all'));

-- A new vehicle can have the numbers of a vehicle with a scheduled erasure.
alter table vehicles drop constraint vehicles_org_id_site_id_stock_key, drop constraint vehicles_org_id_site_id_vin_key;
-- Statements do not mention deletions, so they cannot use the partial indexes below.
create index vehicles_of_site on vehicles (org_id, site_id, stock);
create unique index vehicles_stock_once on vehicles (org_id, site_id, stock) where deletion_id is null;
create unique index vehicles_vin_once on vehicles (org_id, site_id, vin) where deletion_id is null;

-- Sessions with a scheduled erasure are not counted.
create or replace function count_session_change() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.session_counts as c (org_id, site_id, status, mode, n)
  select change.org_id, change.site_id, change.status, change.mode, sum(change.n)
  from (
    values (old.org_id, old.site_id, old.status, old.mode, case when old.deletion_id is null then -1 else 0 end),
      (new.org_id, new.site_id, new.status, new.mode, case when new.deletion_id is null then 1 else 0 end)
  ) as change (org_id, site_id, status, mode, n)
  group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (org_id, site_id, status, mode) do update set n = c.n + excluded.n;
  return null;
end $$;
create or replace function count_sessions() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.session_counts as c (org_id, site_id, status, mode, n)
  select org_id, site_id, status, mode, case tg_op when 'INSERT' then count(*) else -count(*) end
  from changed where deletion_id is null group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (org_id, site_id, status, mode) do update set n = c.n + excluded.n;
  return null;
end $$;
drop trigger sessions_changed on sessions;
create trigger sessions_changed after update on sessions for each row
  when ((old.status, old.mode, old.site_id, old.deletion_id) is distinct from (new.status, new.mode, new.site_id, new.deletion_id))
  execute function count_session_change();

-- Deletes the rows of some sessions of the transaction's organization, and the events about them.
create function erase_sessions(wanted uuid[]) returns void
  language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := public.app_org_id();
  frames uuid[] := array(select id from public.images where org_id = org and session_id = any (wanted));
begin
  update public.slots set current_image_id = null, published_image_id = null where org_id = org and session_id = any (wanted);
  delete from public.renditions where org_id = org and image_id = any (frames);
  delete from public.uploads where org_id = org and session_id = any (wanted);
  delete from public.images where org_id = org and session_id = any (wanted);
  -- Slots are deleted with their session.
  delete from public.sessions where org_id = org and id = any (wanted);
  delete from public.outbox where org_id = org and session_id = any (wanted);
  perform public.erase_events('image', frames);
  perform public.erase_events('session', wanted);
end $$;

-- The audit log keeps who did what to which of these ids. The details are deleted, and so are events that clients reported
-- about these ids.
create function erase_events(about text, ids uuid[]) returns void
  language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := public.app_org_id();
begin
  delete from public.events where org_id = org and entity_type = about and entity_id = any (ids) and reported;
  update public.events set message = null, meta = null
    where org_id = org and entity_type = about and entity_id = any (ids) and num_nonnulls(message, meta) > 0;
end $$;

-- The role of API and worker may not delete from these tables, but may call this function to complete a due deletion.
-- Returns false while rows are left: a large organization is deleted in steps.
create function erase_rows(deletion uuid) returns boolean
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := public.app_org_id();
  d public.deletions;
  batch uuid[];
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
  delete from public.events where org_id = org and id = any (array(select id from public.events where org_id = org limit 5000));
  get diagnostics removed = row_count;
  if removed = 5000 then
    return false;
  end if;
  delete from public.outbox where org_id = org;
  delete from public.vehicles where org_id = org;
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

-- Qualified, because the next function has its own search path.
create or replace function bump_names_version() returns trigger language plpgsql as $$
begin
  update public.organizations set names_version = names_version + 1 where id = new.org_id;
  return null;
end $$;

-- Makes a person anonymous immediately. Rows about their actions still refer to the row.
create function erase_person(person uuid) returns void
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  org uuid := public.app_org_id();
begin
  update public.users set email = 'erased-' || id || '@erased.invalid', name = 'Erased person',
      disabled_at = coalesce(disabled_at, now()), token_generation = token_generation + 1
    where org_id = org and id = person;
  delete from public.user_site_access where org_id = org and user_id = person;
  delete from public.ended_tokens where org_id = org and user_id = person;
  delete from public.exchanged_id_tokens where org_id = org and user_id = person;
  perform public.erase_events('user', array[person]);
end $$;

revoke all on function erase_sessions (uuid[]), erase_events (text, uuid[]), erase_rows (uuid), erase_person (uuid) from public;
grant execute on function erase_rows (uuid), erase_person (uuid) to spinbay_app;
