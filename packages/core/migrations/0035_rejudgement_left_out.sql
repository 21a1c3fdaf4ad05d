-- Up Migration

-- Frames of sessions that could not be judged again. The rejudgement goes on without them.
-- See docs/decisions/0024-qc-of-an-organization.md.
alter table qc_rejudgements add column left_out integer not null default 0;
