-- Up Migration

-- A device's secret rotates. The next secret is derived from the current one and a nonce, and replaces it at its first use. The
-- previous secret is kept as a hash, so that its use shows that somebody copied it.
alter table devices
  add column rotation_nonce text,
  add column next_secret_sha256 text,
  add column previous_secret_sha256 text;
