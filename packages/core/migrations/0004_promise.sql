-- Up Migration

-- When the photo had arrived in the bucket, and when a worker took it up: what lies between shot and seen.
alter table images
  add column uploaded_at timestamptz,
  add column work_started_at timestamptz;

-- The promise, kept per session as its frames are completed, so that a month of it is read without its images:
-- the last shutter, the moment when the frame that came last could be seen, and what that frame spent its time on.
alter table sessions
  add column last_shutter_at timestamptz,
  add column seen_at timestamptz,
  add column upload_s double precision,
  add column queue_s double precision,
  add column work_s double precision;

create index sessions_seen on sessions (org_id, seen_at) where status = 'completed';
