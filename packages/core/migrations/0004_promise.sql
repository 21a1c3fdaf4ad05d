-- Up Migration

-- When the photo arrived in the bucket, and when a worker started on it.
alter table images
  add column uploaded_at timestamptz,
  add column work_started_at timestamptz;

-- Figures for the promise per session, updated when one of its frames becomes visible, so that a report of a month need not
-- read images: the time of the last photo, the time when the last frame became visible, and the phases of that frame.
alter table sessions
  add column last_shutter_at timestamptz,
  add column seen_at timestamptz,
  add column upload_s double precision,
  add column queue_s double precision,
  add column work_s double precision;

create index sessions_seen on sessions (org_id, seen_at) where status = 'completed';
