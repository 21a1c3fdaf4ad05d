-- Up Migration

-- `reconcile_after` is the end of a lease: only one worker at a time handles an unfinished upload. If the event of an upload
-- was lost, a message replaces it. `requeues` counts these messages, and `requeued_at` is the time of the last one.
alter table uploads
  add column reconcile_after timestamptz,
  add column requeues integer not null default 0,
  add column requeued_at timestamptz;
grant update (reconcile_after, requeues, requeued_at) on uploads to spinbay_app;
