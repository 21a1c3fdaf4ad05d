-- Up Migration

-- One worker at a time handles an unfinished upload: no other one claims it before `reconcile_after`. An upload whose event was
-- lost gets a message instead. The columns count these messages and have the time of the last one.
alter table uploads
  add column reconcile_after timestamptz,
  add column requeues integer not null default 0,
  add column requeued_at timestamptz;
grant update (reconcile_after, requeues, requeued_at) on uploads to spinbay_app;
