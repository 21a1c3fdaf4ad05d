-- Up Migration

-- What an administrator calls a device; its model until then.
alter table devices add column name text;

-- A device without a line here works at every site of its organization, one with lines at those sites only.
create table device_site_access (
  org_id uuid not null,
  device_id uuid not null,
  site_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (org_id, device_id, site_id),
  foreign key (org_id, device_id) references devices (org_id, id) on delete cascade,
  foreign key (org_id, site_id) references sites (org_id, id) on delete cascade
);

-- A code is "handle + secret": the handle finds the line, so that wrong tries are counted against one code and end it.
create table enrolment_codes (
  org_id uuid not null references organizations (id),
  id uuid not null,
  handle text not null,
  secret_sha256 text not null,
  -- What the device is for; it becomes the device's name.
  label text,
  site_ids uuid[] not null default '{}',
  tries_left integer not null check (tries_left >= 0),
  expires_at timestamptz not null,
  created_by uuid,
  created_at timestamptz not null default now(),
  revoked_at timestamptz,
  used_at timestamptz,
  device_id uuid,
  primary key (org_id, id),
  unique (org_id, handle),
  foreign key (org_id, created_by) references users (org_id, id),
  foreign key (org_id, device_id) references devices (org_id, id)
);

alter table device_site_access enable row level security;
alter table device_site_access force row level security;
create policy of_org on device_site_access using (org_id = app_org_id()) with check (org_id = app_org_id());

alter table enrolment_codes enable row level security;
alter table enrolment_codes force row level security;
create policy of_org on enrolment_codes using (org_id = app_org_id()) with check (org_id = app_org_id());

-- The audit log, newest first. What clients report is kept apart from it, and there may be a thousand times as much of that.
create index events_audit on events (org_id, id) where not reported;
create index events_audit_type on events (org_id, type, id) where not reported;

-- What an administrator's routes change, column by column: no row of these is ever moved to another organization.
grant update (name, enrolment) on organizations to spinbay_app;
grant insert on sites, users to spinbay_app;
grant update (name) on sites to spinbay_app;
grant update (name, role, disabled_at) on users to spinbay_app;
grant insert, delete on user_site_access to spinbay_app;
grant select, insert, delete on device_site_access to spinbay_app;
grant select, insert on enrolment_codes to spinbay_app;
grant update (tries_left, revoked_at, used_at, device_id) on enrolment_codes to spinbay_app;
