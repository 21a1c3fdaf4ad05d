-- Up Migration

-- The device that got the last URL of the upload; null for uploads from before this column, and for unannounced ones. If the device
-- is revoked, the URL must not be usable any more, and a store cannot withdraw it.
alter table uploads
  add column device_id uuid,
  add foreign key (org_id, device_id) references devices (org_id, id);
grant update (device_id) on uploads to spinbay_app;
