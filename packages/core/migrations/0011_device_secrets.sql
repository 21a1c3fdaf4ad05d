-- Up Migration

-- A device's secret rotates: the next one is derived from the present one and a nonce, and replaces it when it is first
-- used. The one before is kept as a hash, so that its use shows that somebody copied it.
alter table devices
  add column rotation_nonce text,
  add column next_secret_sha256 text,
  add column previous_secret_sha256 text;
