-- Up Migration

-- The tokens of a person contain their generation. Signing out everywhere starts the next generation.
alter table users add column token_generation integer not null default 0;

-- Tokens that a sign-out ended before they expired.
create table ended_tokens (
  org_id uuid not null,
  user_id uuid not null,
  token_id uuid not null,
  expires_at timestamptz not null,
  primary key (org_id, token_id),
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);
create index ended_tokens_user on ended_tokens (org_id, user_id);

-- An identity token is exchanged once, in any organization.
create table exchanged_id_tokens (
  org_id uuid not null,
  user_id uuid not null,
  token_sha256 text not null unique,
  expires_at timestamptz not null,
  primary key (org_id, token_sha256),
  foreign key (org_id, user_id) references users (org_id, id) on delete cascade
);
create index exchanged_id_tokens_user on exchanged_id_tokens (org_id, user_id);

alter table ended_tokens enable row level security;
alter table ended_tokens force row level security;
create policy of_org on ended_tokens using (org_id = app_org_id()) with check (org_id = app_org_id());

alter table exchanged_id_tokens enable row level security;
alter table exchanged_id_tokens force row level security;
create policy of_org on exchanged_id_tokens using (org_id = app_org_id()) with check (org_id = app_org_id());

grant update (token_generation) on users to spinbay_app;
-- Expired rows are no longer needed and are deleted.
grant select, insert, delete on ended_tokens, exchanged_id_tokens to spinbay_app;
