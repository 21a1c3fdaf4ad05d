-- Up Migration

-- How an organization judges its frames. Null: as the installation does. See docs/decisions/0024-qc-of-an-organization.md.
alter table organizations
  add column qc_profile text check (qc_profile in ('v1', 'v2', 'v3')),
  add column qc_edge_width_fail double precision check (qc_edge_width_fail between 1 and 10);
grant update (qc_profile, qc_edge_width_fail) on organizations to spinbay_app;

-- The newest measured frames of an organization.
create index images_measured on images (org_id, processed_at desc) where qc is not null;

-- The last rejudgement of an organization. The worker goes through the sessions in the order of their ids. It stores its
-- progress in the same transaction as the verdicts of a session.
create table qc_rejudgements (
  org_id uuid primary key references organizations (id) on delete cascade,
  -- The choice of the organization at the time of the request. Null: the rules of the installation apply.
  profile text check (profile in ('v1', 'v2', 'v3')),
  edge_width_fail double precision check (edge_width_fail between 1 and 10),
  -- Numbers of frames: all, those judged so far, and those whose verdict changed.
  total integer not null,
  done integer not null default 0,
  changed integer not null default 0,
  -- Null: no session is done.
  last_session_id uuid,
  created_at timestamptz not null default now(),
  finished_at timestamptz
);
create index qc_rejudgements_open on qc_rejudgements (created_at) where finished_at is null;

alter table qc_rejudgements enable row level security;
alter table qc_rejudgements force row level security;
create policy of_org on qc_rejudgements using (org_id = app_org_id()) with check (org_id = app_org_id());
-- The worker looks for open rejudgements of all organizations.
create policy open on qc_rejudgements for select using (current_setting('app.list_rejudgements', true) = 'on');
grant select, insert, update on qc_rejudgements to spinbay_app;
