-- Up Migration

-- `installation_sha256` identifies an app that enrols again: the hash of the organization and of a random value that the app
-- generated once and keeps. Null: the app sent none.
alter table devices
  add column installation_sha256 text check (installation_sha256 ~ '^[0-9a-f]{64}$'),
  add column blocked_at timestamptz;
create index devices_installation on devices (org_id, installation_sha256) where installation_sha256 is not null;
