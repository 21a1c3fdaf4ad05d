-- Up Migration

-- When the worker counts a completed session for the promise. Null: it is not completed, or it was counted.
alter table sessions add column promise_due_at timestamptz;
create index sessions_promise_due on sessions (org_id, promise_due_at) where promise_due_at is not null;
