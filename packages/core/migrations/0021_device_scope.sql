-- Up Migration

-- A device may read the active sessions of the sites that it is restricted to, and what it shot itself. Null: a person
-- announced the frame, it was unannounced, or it is from before this column.
alter table images
  add column device_id uuid,
  add foreign key (org_id, device_id) references devices (org_id, id);

-- Devices that work in a session that another device or a person created.
create table session_devices (
  org_id uuid not null,
  session_id uuid not null,
  device_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (org_id, device_id, session_id),
  foreign key (org_id, session_id) references sessions (org_id, id) on delete cascade,
  foreign key (org_id, device_id) references devices (org_id, id) on delete cascade
);
create index session_devices_session on session_devices (org_id, session_id);
create index sessions_device on sessions (org_id, device_id) where device_id is not null;

alter table session_devices enable row level security;
alter table session_devices force row level security;
create policy of_org on session_devices using (org_id = app_org_id()) with check (org_id = app_org_id());
grant select, insert on session_devices to spinbay_app;
