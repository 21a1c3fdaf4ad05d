-- Up Migration

-- The number of frames in sessions that could not be judged. The rejudgement continued without them.
-- See docs/decisions/0024-qc-of-an-organization.md.
alter table qc_rejudgements add column left_out integer not null default 0;
