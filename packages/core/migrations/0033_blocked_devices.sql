-- Up Migration

-- What an app recognizes itself by when it enrols again: a random value that it made once and keeps. Null: it sent none.
alter table devices
  add column installation_sha256 text check (installation_sha256 ~ '^[0-9a-f]{64}$'),
  add column blocked_at timestamptz;
create index devices_installation on devices (org_id, installation_sha256) where installation_sha256 is not null;
