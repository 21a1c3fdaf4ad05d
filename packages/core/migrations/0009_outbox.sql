-- Up Migration

-- Every change for other systems, written in the transaction that makes it. Ids only: readers fetch the rest.
create table outbox (
  org_id uuid not null references organizations (id),
  id bigint generated always as identity,
  -- The id of the writing transaction, or the `xact_id` of the session's previous change if that is greater, so that
  -- changes of one session are in the order in which they were made. See docs/decisions/0009-outbox.md.
  xact_id bigint not null,
  type text not null,
  site_id uuid not null,
  session_id uuid not null,
  image_id uuid,
  slot_id uuid,
  created_at timestamptz not null default now(),
  primary key (org_id, id)
);
create index outbox_in_order on outbox (xact_id, id);
create index outbox_of_session on outbox (org_id, session_id, xact_id);

alter table outbox enable row level security;
alter table outbox force row level security;
create policy of_org on outbox using (org_id = app_org_id()) with check (org_id = app_org_id());
-- One reader returns the changes of all organizations.
create policy in_order on outbox for select using (current_setting('app.read_outbox', true) = 'on');
grant select, delete on outbox to spinbay_app;
grant insert (org_id, xact_id, type, site_id, session_id, image_id, slot_id) on outbox to spinbay_app;
