-- Up Migration

-- The keys of every tenant table start with org_id. The composite foreign keys refuse what row-level security alone allows:
-- an image of one organization that refers to another organization's vehicle.

-- The tenant of the running transaction. After a transaction that called set_config(..., true) has ended, its connection
-- returns an empty string for the setting instead of null, hence nullif.
create function app_org_id() returns uuid
  language sql stable parallel safe
  return nullif(current_setting('app.org_id', true), '')::uuid;

create table organizations (
  id uuid primary key,
  name text not null,
  enrolment text not null default 'code' check (enrolment in ('open', 'code')),
  created_at timestamptz not null default now()
);

create table sites (
  org_id uuid not null references organizations (id),
  id uuid not null,
  name text not null,
  created_at timestamptz not null default now(),
  primary key (org_id, id),
  unique (org_id, name)
);

create table users (
  org_id uuid not null references organizations (id),
  id uuid not null,
  email text not null check (email = lower(email)),
  name text not null,
  role text not null check (role in ('operator', 'reviewer', 'admin')),
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (org_id, id),
  unique (org_id, email)
);
create index users_email on users (email);

create table user_site_access (
  org_id uuid not null,
  user_id uuid not null,
  site_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (org_id, user_id, site_id),
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade,
  foreign key (org_id, site_id) references sites (org_id, id) on delete cascade
);

create table devices (
  org_id uuid not null references organizations (id),
  id uuid not null,
  platform text not null,
  model text not null,
  app_version text not null,
  secret_sha256 text not null,
  last_seen timestamptz not null default now(),
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (org_id, id)
);

create table vehicles (
  org_id uuid not null references organizations (id),
  id uuid not null,
  vin text,
  stock text,
  created_at timestamptz not null default now(),
  primary key (org_id, id),
  unique (org_id, vin),
  unique (org_id, stock),
  check (vin is not null or stock is not null)
);

create table sessions (
  org_id uuid not null references organizations (id),
  id uuid not null,
  site_id uuid not null,
  vehicle_id uuid not null,
  device_id uuid,
  user_id uuid,
  mode text not null check (mode in ('studio360', 'stills')),
  status text not null default 'active' check (status in ('active', 'completed', 'abandoned')),
  shot_list jsonb not null,
  started_at timestamptz not null default now(),
  completed_at timestamptz,
  abandoned_at timestamptz,
  created_at timestamptz not null default now(),
  -- Increases with every visible change of the session's images. Main part of the gallery's ETag.
  images_version bigint not null default 0,
  primary key (org_id, id),
  unique (org_id, id, site_id, vehicle_id),
  foreign key (org_id, site_id) references sites (org_id, id),
  foreign key (org_id, vehicle_id) references vehicles (org_id, id),
  foreign key (org_id, device_id) references devices (org_id, id),
  foreign key (org_id, user_id) references users (org_id, id),
  check (num_nonnulls(device_id, user_id) = 1)
);
create index sessions_site on sessions (org_id, site_id, started_at desc);
create index sessions_vehicle on sessions (org_id, vehicle_id);
create index sessions_newest on sessions (org_id, (status = 'active') desc, started_at desc, id desc);

create table images (
  org_id uuid not null references organizations (id),
  id uuid not null,
  site_id uuid not null,
  session_id uuid not null,
  vehicle_id uuid not null,
  angle_deg double precision check (angle_deg >= 0 and angle_deg < 360),
  shot_name text,
  status text not null default 'pending' check (status in ('pending', 'processed', 'failed', 'published', 'expired')),
  storage_key text not null,
  content_type text not null,
  hash_sha256 text check (hash_sha256 ~ '^[0-9a-f]{64}$'),
  phash text,
  size_bytes integer,
  width integer,
  height integer,
  thumb_keys jsonb,
  exif jsonb,
  qc jsonb,
  qc_version integer,
  failure jsonb,
  captured_at timestamptz,
  created_at timestamptz not null default now(),
  -- When the last signed upload URL expires. After this time and a grace period, the upload of a pending row is lost.
  upload_expires_at timestamptz,
  processed_at timestamptz,
  published_at timestamptz,
  published_by uuid,
  primary key (org_id, id),
  unique (org_id, storage_key),
  unique (org_id, session_id, hash_sha256),
  -- Site and vehicle are always those of the session.
  foreign key (org_id, session_id, site_id, vehicle_id) references sessions (org_id, id, site_id, vehicle_id),
  foreign key (org_id, published_by) references users (org_id, id),
  check (angle_deg is null or shot_name is null)
);
create index images_session on images (org_id, session_id, created_at);
create index images_site on images (org_id, site_id);
create index images_vehicle on images (org_id, vehicle_id);
create index images_hash on images (org_id, hash_sha256);
create index images_pending on images (org_id, created_at) where status = 'pending';

create table events (
  org_id uuid not null references organizations (id),
  id uuid not null,
  entity_type text not null,
  entity_id uuid,
  type text not null,
  message text,
  meta jsonb,
  actor_type text not null check (actor_type in ('device', 'user', 'system')),
  actor_id uuid,
  -- True: a client reported it. False: the server recorded it, so that nobody can forge a line of the audit log.
  reported boolean not null default false,
  occurred_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  primary key (org_id, id)
);
create index events_entity on events (org_id, entity_type, entity_id, created_at);

create function bump_images_version() returns trigger language plpgsql as $$
begin
  update sessions set images_version = images_version + 1 where org_id = new.org_id and id = new.session_id;
  return null;
end $$;
create trigger images_inserted after insert on images for each row execute function bump_images_version();
create trigger images_changed after update on images for each row
  when ((old.status, old.angle_deg, old.shot_name, old.thumb_keys, old.qc, old.qc_version, old.failure, old.exif, old.width, old.height,
         old.size_bytes, old.hash_sha256, old.captured_at, old.processed_at, old.published_at)
    is distinct from
        (new.status, new.angle_deg, new.shot_name, new.thumb_keys, new.qc, new.qc_version, new.failure, new.exif, new.width, new.height,
         new.size_bytes, new.hash_sha256, new.captured_at, new.processed_at, new.published_at))
  execute function bump_images_version();

-- Forced, so that row-level security also applies to the owner of the tables.
alter table organizations enable row level security;
alter table organizations force row level security;
create policy of_org on organizations using (id = app_org_id()) with check (id = app_org_id());
-- The reconciler processes the organizations one by one and needs a list of them.
create policy listed on organizations for select using (current_setting('app.list_organizations', true) = 'on');

alter table sites enable row level security;
alter table sites force row level security;
create policy of_org on sites using (org_id = app_org_id()) with check (org_id = app_org_id());

alter table users enable row level security;
alter table users force row level security;
create policy of_org on users using (org_id = app_org_id()) with check (org_id = app_org_id());
-- A sign-in has a verified email address, but no organization yet.
create policy by_proven_email on users for select using (email = nullif(current_setting('app.login_email', true), ''));

alter table user_site_access enable row level security;
alter table user_site_access force row level security;
create policy of_org on user_site_access using (org_id = app_org_id()) with check (org_id = app_org_id());

alter table devices enable row level security;
alter table devices force row level security;
create policy of_org on devices using (org_id = app_org_id()) with check (org_id = app_org_id());

alter table vehicles enable row level security;
alter table vehicles force row level security;
create policy of_org on vehicles using (org_id = app_org_id()) with check (org_id = app_org_id());

alter table sessions enable row level security;
alter table sessions force row level security;
create policy of_org on sessions using (org_id = app_org_id()) with check (org_id = app_org_id());

alter table images enable row level security;
alter table images force row level security;
create policy of_org on images using (org_id = app_org_id()) with check (org_id = app_org_id());

alter table events enable row level security;
alter table events force row level security;
create policy of_org on events using (org_id = app_org_id()) with check (org_id = app_org_id());

-- The privileges of API and worker. They may not delete rows. They may add events, but not change them.
grant usage on schema public to spinbay_app;
grant select on organizations, user_site_access, users, sites, schema_migrations to spinbay_app;
grant select, insert, update on devices, vehicles, sessions, images to spinbay_app;
grant select, insert on events to spinbay_app;
