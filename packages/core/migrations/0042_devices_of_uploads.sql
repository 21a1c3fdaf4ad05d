-- Up Migration

-- The device that got the last URL of the upload. Null: a person got it, the upload was unannounced, or it is from before
-- this column. A store cannot withdraw a URL, so the worker refuses what arrives after the device was revoked.
alter table uploads
  add column device_id uuid,
  add foreign key (org_id, device_id) references devices (org_id, id);
grant update (device_id) on uploads to spinbay_app;
