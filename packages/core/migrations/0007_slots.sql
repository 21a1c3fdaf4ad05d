-- Up Migration

-- The slots of a shot list as rows, so that one function (packages/core/src/slots/settle-slots.ts) maintains the current and the
-- published frame of a slot, instead of a rule in each query.
create table slots (
  org_id uuid not null references organizations (id),
  session_id uuid not null,
  id uuid not null,
  -- Shooting order, from 0.
  position integer not null check (position >= 0),
  angle_deg double precision check (angle_deg >= 0 and angle_deg < 360),
  shot_name text,
  -- The newest good frame. Without one, the newest that arrived or is expected, then the newest expired one.
  current_image_id uuid,
  published_image_id uuid,
  created_at timestamptz not null default now(),
  primary key (org_id, id),
  unique (org_id, session_id, id),
  unique (org_id, session_id, position),
  unique nulls not distinct (org_id, session_id, angle_deg, shot_name),
  foreign key (org_id, session_id) references sessions (org_id, id) on delete cascade,
  check (num_nonnulls(angle_deg, shot_name) = 1)
);

-- The rows of a shot list: first the angles, then the shots in order, like `slotsOf` in packages/contracts.
create function slots_of(shot_list jsonb)
  returns table (place integer, angle_deg double precision, shot_name text)
  language sql immutable parallel safe
  begin atomic
    select k, k * 360::double precision / count, null::text
      from (select coalesce((shot_list #>> '{studio360,frame_count}')::integer, 0) as count) spin,
        generate_series(0, count - 1) k
    union all
    select coalesce((shot_list #>> '{studio360,frame_count}')::integer, 0) + (shot.ordinal - 1)::integer, null,
        shot.value ->> 'name'
      from jsonb_array_elements(coalesce(shot_list -> 'stills', '[]')) with ordinality shot (value, ordinal);
  end;

-- Triggers, so that rows that an API of the previous version writes during an upgrade get slots, too.
create function add_slots() returns trigger language plpgsql as $$
begin
  insert into slots (org_id, session_id, id, position, angle_deg, shot_name)
  select added.org_id, added.id, gen_random_uuid(), s.place, s.angle_deg, s.shot_name
  from added cross join lateral slots_of(added.shot_list) s;
  return null;
end $$;
create trigger sessions_slots after insert on sessions
  referencing new table as added for each statement execute function add_slots();

alter table images add column slot_id uuid;
create function find_slot() returns trigger language plpgsql as $$
begin
  -- A client's angle may have fewer digits.
  new.slot_id := (
    select s.id from slots s where s.org_id = new.org_id and s.session_id = new.session_id
      and (abs(s.angle_deg - new.angle_deg) < 0.001 or s.shot_name = new.shot_name)
  );
  return new;
end $$;
create trigger images_slot before insert on images for each row
  when (new.slot_id is null and (new.angle_deg is not null or new.shot_name is not null)) execute function find_slot();

-- `images_version` counts the statements that changed a session's images: a batch of 100 frames is one change. All columns
-- count, including future ones, except the expiry of an upload's URL, which galleries do not show.
drop trigger images_inserted on images;
drop trigger images_changed on images;
drop function bump_images_version();
create function bump_images_version() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    update sessions s set images_version = s.images_version + 1
      from (select distinct org_id, session_id from after) c where s.org_id = c.org_id and s.id = c.session_id;
  else
    update sessions s set images_version = s.images_version + 1
      from (
        select distinct org_id, session_id from after join before using (org_id, session_id, id)
        where to_jsonb(after) - 'upload_expires_at' is distinct from to_jsonb(before) - 'upload_expires_at'
      ) c where s.org_id = c.org_id and s.id = c.session_id;
  end if;
  return null;
end $$;

-- Existing rows. The owner sees the rows of all organizations only while the policies are not forced.
alter table sessions no force row level security;
alter table images no force row level security;
alter table events no force row level security;

insert into slots (org_id, session_id, id, position, angle_deg, shot_name)
  select sessions.org_id, sessions.id, gen_random_uuid(), s.place, s.angle_deg, s.shot_name
  from sessions cross join lateral slots_of(sessions.shot_list) s;

update images i set slot_id = s.id from slots s
  where s.org_id = i.org_id and s.session_id = i.session_id
    and (abs(s.angle_deg - i.angle_deg) < 0.001 or s.shot_name = i.shot_name);

-- If several frames of a slot are published, the newest stays. The others are unpublished, with an audit event each.
with published as (
  select org_id, id, publish_override, first_value(id) over newest as kept
  from images where slot_id is not null and status = 'published'
  window newest as (partition by org_id, slot_id order by least(captured_at, created_at) desc, id desc)
), taken_back as (
  update images i set status = case when p.publish_override then 'failed' else 'processed' end,
    published_at = null, published_by = null, publish_override = false
  from published p where p.org_id = i.org_id and p.id = i.id and p.id <> p.kept
  returning i.org_id, i.id, p.kept
)
insert into events (org_id, id, entity_type, entity_id, type, message, meta, actor_type)
  select org_id,
    -- A UUIDv7, because the audit log is read in the order of its ids.
    (lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(md5(random()::text), 1, 3)
      || '8' || substr(md5(random()::text), 1, 15))::uuid,
    'image', id, 'image.unpublished', 'A newer frame of its slot is published.', jsonb_build_object('replaced_by', kept), 'system'
  from taken_back;

update slots s set current_image_id = c.id
  from (
    select distinct on (org_id, slot_id) org_id, slot_id, id from images where slot_id is not null
    order by org_id, slot_id, status in ('processed', 'published') desc, status <> 'expired' desc,
      least(captured_at, created_at) desc, id desc
  ) c where s.org_id = c.org_id and s.id = c.slot_id;
update slots s set published_image_id = i.id
  from images i where i.status = 'published' and s.org_id = i.org_id and s.id = i.slot_id;
-- Changes the ETag of every gallery, because replies have new fields.
update sessions set images_version = images_version + 1;

create trigger images_inserted after insert on images
  referencing new table as after for each statement execute function bump_images_version();
create trigger images_changed after update on images
  referencing old table as before new table as after for each statement execute function bump_images_version();

-- The frames of a slot must belong to it, and at most one of them is published.
alter table images
  add unique (org_id, slot_id, id),
  add foreign key (org_id, session_id, slot_id) references slots (org_id, session_id, id);
create unique index images_published_once on images (org_id, slot_id) where status = 'published';
alter table slots
  add foreign key (org_id, id, current_image_id) references images (org_id, slot_id, id),
  add foreign key (org_id, id, published_image_id) references images (org_id, slot_id, id);

alter table sessions force row level security;
alter table images force row level security;
alter table events force row level security;

alter table slots enable row level security;
alter table slots force row level security;
create policy of_org on slots using (org_id = app_org_id()) with check (org_id = app_org_id());
grant select on slots to spinbay_app;
grant insert (org_id, session_id, id, position, angle_deg, shot_name) on slots to spinbay_app;
grant update (current_image_id, published_image_id) on slots to spinbay_app;

-- Galleries show people's names, so a changed name changes every gallery of the organization.
alter table organizations add column names_version bigint not null default 0;
create function bump_names_version() returns trigger language plpgsql as $$
begin
  update organizations set names_version = names_version + 1 where id = new.org_id;
  return null;
end $$;
create trigger users_renamed after update on users for each row
  when (old.name is distinct from new.name) execute function bump_names_version();
grant update (names_version) on organizations to spinbay_app;
