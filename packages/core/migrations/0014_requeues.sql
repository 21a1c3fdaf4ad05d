-- Up Migration

-- One worker at a time looks after an unfinished upload: until `reconcile_after` no other one does. An upload whose event was
-- lost gets a message in its place; how often, and when the last time.
alter table uploads
  add column reconcile_after timestamptz,
  add column requeues integer not null default 0,
  add column requeued_at timestamptz;
grant update (reconcile_after, requeues, requeued_at) on uploads to spinbay_app;
