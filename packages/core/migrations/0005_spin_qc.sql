-- Up Migration

-- The comparison of the frames of a completed spin; null for other sessions.
alter table sessions add column spin_qc jsonb;
