-- Up Migration

-- Photos that arrived for an erased session. For each row, a process that may delete objects empties the prefix of the
-- session once more. Ids only. A second photo adds a second row, so that it is not forgotten while the first one is removed.
create table late_photos (
  org_id uuid not null,
  id uuid not null,
  deletion_id uuid not null,
  -- The next attempt, or the end of the current lease.
  next_try_at timestamptz not null default now(),
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  primary key (org_id, id),
  foreign key (org_id, deletion_id) references deletions (org_id, id) on delete cascade
);
create index late_photos_due on late_photos (next_try_at);
create index late_photos_deletion on late_photos (org_id, deletion_id);

alter table late_photos enable row level security;
alter table late_photos force row level security;
create policy of_org on late_photos using (org_id = app_org_id()) with check (org_id = app_org_id());
-- The deletion jobs look for late photos of all organizations.
create policy due on late_photos for select using (current_setting('app.list_deletions', true) = 'on');
grant select, insert, delete on late_photos to spinbay_app;
grant update (next_try_at, attempts) on late_photos to spinbay_app;
