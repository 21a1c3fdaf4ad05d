-- Up Migration

-- What the frames of a finished spin tell only side by side; null while the session is not completed or has no spin.
alter table sessions add column spin_qc jsonb;
