-- Up Migration

-- A rejudgement that fails is retried later, a limited number of times. See docs/decisions/0024-qc-of-an-organization.md.
alter table qc_rejudgements
  -- Failures since a session was last judged.
  add column failures integer not null default 0,
  -- Null: immediately.
  add column retry_at timestamptz,
  -- True: it ended without judging all frames.
  add column gave_up boolean not null default false;
