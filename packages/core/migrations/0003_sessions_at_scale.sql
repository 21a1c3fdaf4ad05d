-- Up Migration

-- Every list of sessions is a merge of sorted runs, one per state (and site), each read from its newest end. A page costs the
-- same with a thousand sessions and with a million.
drop index sessions_site;
drop index sessions_newest;
create index sessions_by_status on sessions (org_id, status, started_at desc, id desc);
create index sessions_by_site on sessions (org_id, site_id, status, started_at desc, id desc);
create index sessions_by_mode on sessions (org_id, mode, status, started_at desc, id desc);
create index sessions_by_site_and_mode on sessions (org_id, site_id, mode, status, started_at desc, id desc);

-- For searches by the start of a stock number, and by the start or end of a VIN. The end has a separate column, because with
-- row-level security an index works only for leakproof functions, and neither reverse() nor LIKE is leakproof.
alter table vehicles add column vin_reversed text generated always as (reverse(vin)) stored;
create index vehicles_by_stock on vehicles (org_id, stock text_pattern_ops);
create index vehicles_by_vin on vehicles (org_id, vin text_pattern_ops);
create index vehicles_by_vin_end on vehicles (org_id, vin_reversed text_pattern_ops);

-- The number of sessions per site, state and mode. Counting the sessions for each page would take longer the more there are.
create table session_counts (
  org_id uuid not null,
  site_id uuid not null,
  status text not null,
  mode text not null,
  n bigint not null,
  primary key (org_id, site_id, status, mode),
  foreign key (org_id, site_id) references sites (org_id, id)
);

-- These functions run as the owner, because the role of API and worker may only read the counts. Row-level security applies
-- to the owner, too. Counts are always locked in the order of the key, so that opposite changes do not deadlock.
create function count_session_change() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.session_counts as c (org_id, site_id, status, mode, n)
  select change.org_id, change.site_id, change.status, change.mode, sum(change.n)
  from (values (old.org_id, old.site_id, old.status, old.mode, -1), (new.org_id, new.site_id, new.status, new.mode, 1))
    as change (org_id, site_id, status, mode, n)
  group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (org_id, site_id, status, mode) do update set n = c.n + excluded.n;
  return null;
end $$;

-- Per statement, so that loading a million sessions updates only a few sums.
create function count_sessions() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.session_counts as c (org_id, site_id, status, mode, n)
  select org_id, site_id, status, mode, case tg_op when 'INSERT' then count(*) else -count(*) end
  from changed group by 1, 2, 3, 4 order by 1, 2, 3, 4
  on conflict (org_id, site_id, status, mode) do update set n = c.n + excluded.n;
  return null;
end $$;

create trigger sessions_inserted after insert on sessions
  referencing new table as changed for each statement execute function count_sessions();
create trigger sessions_deleted after delete on sessions
  referencing old table as changed for each statement execute function count_sessions();
create trigger sessions_changed after update on sessions for each row
  when ((old.status, old.mode, old.site_id) is distinct from (new.status, new.mode, new.site_id))
  execute function count_session_change();

-- The owner sees the sessions of all organizations only while the policies are not forced.
alter table sessions no force row level security;
insert into session_counts (org_id, site_id, status, mode, n)
  select org_id, site_id, status, mode, count(*) from sessions group by 1, 2, 3, 4;
alter table sessions force row level security;

alter table session_counts enable row level security;
alter table session_counts force row level security;
create policy of_org on session_counts using (org_id = app_org_id()) with check (org_id = app_org_id());
grant select on session_counts to spinbay_app;

-- True: it failed quality control, and a reviewer published it anyway.
alter table images add column publish_override boolean not null default false;

drop trigger images_changed on images;
create trigger images_changed after update on images for each row
  when ((old.status, old.angle_deg, old.shot_name, old.thumb_keys, old.qc, old.qc_version, old.failure, old.exif, old.width, old.height,
         old.size_bytes, old.hash_sha256, old.captured_at, old.processed_at, old.published_at, old.published_by, old.publish_override)
    is distinct from
        (new.status, new.angle_deg, new.shot_name, new.thumb_keys, new.qc, new.qc_version, new.failure, new.exif, new.width, new.height,
         new.size_bytes, new.hash_sha256, new.captured_at, new.processed_at, new.published_at, new.published_by, new.publish_override))
  execute function bump_images_version();
