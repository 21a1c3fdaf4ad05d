-- Up Migration

-- The sent objects, separate from the frame. A frame arrives as one or two objects: a small preview first and the original
-- later, or only the original. Each has its own key, digest, size, times and state.
alter table images add unique (org_id, id, session_id, site_id);

create table uploads (
  org_id uuid not null,
  -- The last part of the storage key. An original has the id of its image, a preview has a separate id.
  id uuid not null,
  image_id uuid not null,
  session_id uuid not null,
  site_id uuid not null,
  kind text not null check (kind in ('preview', 'original')),
  storage_key text not null,
  content_type text not null,
  -- As announced. Null: not announced, or from before this table.
  content_length bigint,
  -- As announced, or as it arrived for an unannounced object. Null: it was too large to be read.
  hash_sha256 text check (hash_sha256 ~ '^[0-9a-f]{64}$'),
  -- As it arrived.
  size_bytes bigint,
  -- expected: its URL was signed. stored: its bytes arrived. processed: they were measured. rejected: they could not
  -- be read, see `failure`. expired: they did not arrive. skipped: a preview that arrived after its original.
  state text not null default 'expected'
    check (state in ('expected', 'stored', 'processed', 'rejected', 'expired', 'skipped')),
  failure jsonb,
  created_at timestamptz not null default now(),
  -- When the last signed URL expires. Null: no URL was signed.
  expires_at timestamptz,
  -- When it arrived, by the bucket's clock; when a worker started on it; when its state became final.
  stored_at timestamptz,
  work_started_at timestamptz,
  processed_at timestamptz,
  primary key (org_id, id),
  unique (org_id, storage_key),
  unique (org_id, image_id, kind),
  -- The same bytes are the same upload within a session, even for clients that send no ids.
  unique (org_id, session_id, hash_sha256, kind),
  foreign key (org_id, image_id, session_id, site_id) references images (org_id, id, session_id, site_id),
  -- A row of one organization cannot name an object of another.
  check (starts_with(storage_key, 'org/' || org_id || '/site/' || site_id || '/session/' || session_id || '/' || id || '.')),
  check (kind = 'preview' or id = image_id),
  check ((state = 'rejected') = (failure is not null))
);
-- For the reconciler.
create index uploads_unfinished on uploads (org_id, id) where state in ('expected', 'stored');

-- Pictures derived from an upload. They can be created again at any time, as the next version. Originals never change.
create table renditions (
  org_id uuid not null,
  image_id uuid not null,
  upload_id uuid not null,
  kind text not null check (kind in ('thumbnail')),
  -- The requested width. A small photo gives a smaller picture.
  width integer not null check (width > 0),
  format text not null check (format in ('jpeg')),
  version integer not null check (version > 0),
  storage_key text not null,
  -- Null: from before this table.
  size_bytes bigint,
  created_at timestamptz not null default now(),
  primary key (org_id, image_id, kind, width, format, version),
  unique (org_id, storage_key),
  foreign key (org_id, image_id) references images (org_id, id),
  foreign key (org_id, upload_id) references uploads (org_id, id),
  check (starts_with(storage_key, 'org/' || org_id || '/'))
);
create index renditions_upload on renditions (org_id, upload_id);

-- The owner sees the images of all organizations only while the policies are not forced.
alter table images no force row level security;

insert into uploads (org_id, id, image_id, session_id, site_id, kind, storage_key, content_type, hash_sha256, size_bytes,
  state, failure, created_at, expires_at, stored_at, work_started_at, processed_at)
select org_id, id, id, session_id, site_id, 'original', storage_key, content_type, hash_sha256, size_bytes,
  case
    when status = 'pending' then 'expected'
    when status = 'expired' then 'expired'
    when failure is not null then 'rejected'
    else 'processed'
  end,
  case when status not in ('pending', 'expired') then failure end,
  created_at, upload_expires_at, uploaded_at, work_started_at, processed_at
from images;

insert into renditions (org_id, image_id, upload_id, kind, width, format, version, storage_key, created_at)
select i.org_id, i.id, i.id, 'thumbnail', thumb.width::integer, 'jpeg', 1, thumb.key, coalesce(i.processed_at, i.created_at)
from images i cross join lateral jsonb_each_text(i.thumb_keys) as thumb (width, key);

alter table images force row level security;

-- An image has what the frame shows now: key, digest and size of the shown upload, and its thumbnails. The digests of all
-- uploads are in their own table.
alter table images drop constraint images_org_id_session_id_hash_sha256_key;

-- This version does not use images.content_type, upload_expires_at, uploaded_at and work_started_at. They stay as long as
-- an API or a worker of the previous version may run. Triggers copy to uploads what these write to images.
alter table images alter column content_type drop not null;
create function copy_to_uploads() returns trigger language plpgsql as $$
begin
  insert into uploads as u (org_id, id, image_id, session_id, site_id, kind, storage_key, content_type, hash_sha256, size_bytes,
    state, failure, created_at, expires_at, stored_at, work_started_at, processed_at)
  values (new.org_id, new.id, new.id, new.session_id, new.site_id, 'original', new.storage_key,
    coalesce(new.content_type, 'image/jpeg'), new.hash_sha256, new.size_bytes,
    case
      when new.status = 'pending' then 'expected'
      when new.status = 'expired' then 'expired'
      when new.failure is not null then 'rejected'
      else 'processed'
    end,
    case when new.status not in ('pending', 'expired') then new.failure end,
    new.created_at, new.upload_expires_at, new.uploaded_at, new.work_started_at, new.processed_at)
  on conflict (org_id, id) do update set size_bytes = excluded.size_bytes, state = excluded.state, failure = excluded.failure,
    expires_at = coalesce(excluded.expires_at, u.expires_at), stored_at = excluded.stored_at,
    work_started_at = excluded.work_started_at, processed_at = excluded.processed_at;
  return null;
end $$;
create trigger images_inserted_by_version_before after insert on images for each row
  when (new.content_type is not null) execute function copy_to_uploads();
create trigger images_changed_by_version_before after update of upload_expires_at, work_started_at on images for each row
  execute function copy_to_uploads();

alter table uploads enable row level security;
alter table uploads force row level security;
create policy of_org on uploads using (org_id = app_org_id()) with check (org_id = app_org_id());

alter table renditions enable row level security;
alter table renditions force row level security;
create policy of_org on renditions using (org_id = app_org_id()) with check (org_id = app_org_id());

grant select, insert on uploads, renditions to spinbay_app;
grant update (size_bytes, state, failure, expires_at, stored_at, work_started_at, processed_at) on uploads to spinbay_app;
