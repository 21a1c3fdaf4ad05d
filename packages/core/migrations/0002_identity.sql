-- Up Migration

-- The name from an administrator. Without one, the model is shown.
alter table devices add column name text;

-- A device without rows here works at every site of its organization, a device with rows only at those sites.
create table device_site_access (
  org_id uuid not null,
  device_id uuid not null,
  site_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (org_id, device_id, site_id),
  foreign key (org_id, device_id) references devices (org_id, id) on delete cascade,
  foreign key (org_id, site_id) references sites (org_id, id) on delete cascade
);

-- A code is "handle + secret". The handle finds the row, so that wrong attempts count against one code and end it.
create table enrolment_codes (
  org_id uuid not null references organizations (id),
  id uuid not null,
  handle text not null,
  secret_sha256 text not null,
  -- The purpose of the device, which becomes its name.
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

-- The audit log, newest first. It excludes events that clients report, of which there may be a thousand times as many.
create index events_audit on events (org_id, id) where not reported;
create index events_audit_type on events (org_id, type, id) where not reported;

-- The columns that an administrator's routes change. Rows cannot be moved to another organization.
grant update (name, enrolment) on organizations to spinbay_app;
grant insert on sites, users to spinbay_app;
grant update (name) on sites to spinbay_app;
grant update (name, role, disabled_at) on users to spinbay_app;
grant insert, delete on user_site_access to spinbay_app;
grant select, insert, delete on device_site_access to spinbay_app;
grant select, insert on enrolment_codes to spinbay_app;
grant update (tries_left, revoked_at, used_at, device_id) on enrolment_codes to spinbay_app;
