-- Up Migration

-- What an organization may store, and how many sessions it may start on a day (UTC). Null: no limit.
alter table organizations
  add column quota_bytes bigint check (quota_bytes >= 0),
  add column quota_sessions_per_day integer check (quota_sessions_per_day >= 0);
grant update (quota_bytes, quota_sessions_per_day) on organizations to spinbay_app;

-- The number of sessions on the last day on which one was started.
create table session_days (
  org_id uuid not null references organizations (id) on delete cascade,
  day date not null,
  n integer not null,
  primary key (org_id)
);
alter table session_days enable row level security;
alter table session_days force row level security;
create policy of_org on session_days using (org_id = app_org_id()) with check (org_id = app_org_id());
grant select, insert on session_days to spinbay_app;
grant update (day, n) on session_days to spinbay_app;

-- The bytes of an organization's objects, including uploads that were announced and have not arrived yet. Their sum is
-- spread over 16 rows, so that transactions of different connections seldom wait for each other.
create table stored_bytes (
  org_id uuid not null references organizations (id) on delete cascade,
  shard smallint not null,
  bytes bigint not null,
  primary key (org_id, shard)
);

create function upload_bytes(state text, size_bytes bigint, content_length bigint) returns bigint
  language sql immutable parallel safe
  return case when state = 'expired' then 0 else coalesce(size_bytes, content_length, 0) end;

-- These functions run as the owner, because the role of API and worker may only read the bytes. Row-level security applies
-- to the owner, too.
create function count_upload_bytes() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.stored_bytes as s (org_id, shard, bytes)
  select org_id, pg_backend_pid() % 16,
    (case tg_op when 'INSERT' then 1 else -1 end) * sum(public.upload_bytes(state, size_bytes, content_length))
  from changed group by org_id having sum(public.upload_bytes(state, size_bytes, content_length)) <> 0
  on conflict (org_id, shard) do update set bytes = s.bytes + excluded.bytes;
  return null;
end $$;
create function count_upload_change() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.stored_bytes as s (org_id, shard, bytes)
  values (new.org_id, pg_backend_pid() % 16, public.upload_bytes(new.state, new.size_bytes, new.content_length)
    - public.upload_bytes(old.state, old.size_bytes, old.content_length))
  on conflict (org_id, shard) do update set bytes = s.bytes + excluded.bytes;
  return null;
end $$;
create function count_rendition_bytes() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.stored_bytes as s (org_id, shard, bytes)
  select org_id, pg_backend_pid() % 16, (case tg_op when 'INSERT' then 1 else -1 end) * sum(size_bytes)
  from changed group by org_id having sum(size_bytes) <> 0
  on conflict (org_id, shard) do update set bytes = s.bytes + excluded.bytes;
  return null;
end $$;

create trigger upload_bytes_added after insert on uploads
  referencing new table as changed for each statement execute function count_upload_bytes();
create trigger upload_bytes_removed after delete on uploads
  referencing old table as changed for each statement execute function count_upload_bytes();
create trigger upload_bytes_changed after update on uploads for each row
  when (upload_bytes(old.state, old.size_bytes, old.content_length)
    is distinct from upload_bytes(new.state, new.size_bytes, new.content_length))
  execute function count_upload_change();
create trigger rendition_bytes_added after insert on renditions
  referencing new table as changed for each statement execute function count_rendition_bytes();
create trigger rendition_bytes_removed after delete on renditions
  referencing old table as changed for each statement execute function count_rendition_bytes();

-- The bytes that are already stored. The owner sees the rows of all organizations only while the policies are not forced,
-- and rows with a scheduled erasure only if `app.deletion` is set.
select set_config('app.deletion', 'all', true);
alter table uploads no force row level security;
alter table renditions no force row level security;
insert into stored_bytes (org_id, shard, bytes)
select org_id, 0, sum(bytes) from (
  select org_id, upload_bytes(state, size_bytes, content_length) as bytes from uploads
  union all
  select org_id, coalesce(size_bytes, 0) from renditions
) as stored group by org_id;
alter table uploads force row level security;
alter table renditions force row level security;

alter table stored_bytes enable row level security;
alter table stored_bytes force row level security;
create policy of_org on stored_bytes using (org_id = app_org_id()) with check (org_id = app_org_id());
grant select on stored_bytes to spinbay_app;
