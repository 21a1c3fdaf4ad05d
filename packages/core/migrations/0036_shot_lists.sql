-- Up Migration

-- Shot lists of stills that an organization made. A session has its own copy of the shots, so nothing refers to these rows.
create table shot_lists (
  org_id uuid not null references organizations (id) on delete cascade,
  id uuid not null,
  name text not null,
  -- In shooting order, like `stills` of a session's shot list.
  shots jsonb not null,
  -- Increases with every change.
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (org_id, id),
  unique (org_id, name)
);
alter table shot_lists enable row level security;
alter table shot_lists force row level security;
create policy of_org on shot_lists using (org_id = app_org_id()) with check (org_id = app_org_id());
grant select, insert, delete on shot_lists to spinbay_app;
grant update (name, shots, version, updated_at) on shot_lists to spinbay_app;
