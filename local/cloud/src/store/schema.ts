/**
 * The migrations, in order. A change is a new entry at the end. Never edit an old entry. Keys are compared bytewise
 * (COLLATE "C"), which is the listing order of S3.
 */
export const migrations: readonly string[] = [
  `
  create table local_cloud.buckets (
    name text primary key,
    cors jsonb not null default '[]',
    notifications jsonb not null default '[]',
    created_at timestamptz not null default now()
  );

  create sequence local_cloud.sequencer;

  create table local_cloud.objects (
    bucket text not null references local_cloud.buckets (name),
    key text collate "C" not null,
    blob uuid not null unique,
    size bigint not null,
    etag text not null,
    headers jsonb not null,
    tags jsonb not null,
    checksum jsonb,
    upload uuid,
    modified_at timestamptz not null default now(),
    primary key (bucket, key)
  );

  create table local_cloud.uploads (
    id uuid primary key,
    bucket text not null references local_cloud.buckets (name),
    key text collate "C" not null,
    headers jsonb not null,
    tags jsonb not null,
    checksum jsonb,
    started_at timestamptz not null default now()
  );

  create table local_cloud.parts (
    upload uuid not null references local_cloud.uploads (id) on delete cascade,
    number int not null,
    blob uuid not null unique,
    size bigint not null,
    etag text not null,
    checksums jsonb not null,
    modified_at timestamptz not null default now(),
    primary key (upload, number)
  );

  create table local_cloud.queues (
    id bigint generated always as identity primary key,
    name text not null unique,
    attributes jsonb not null,
    created_at timestamptz not null default now(),
    modified_at timestamptz not null default now()
  );

  create table local_cloud.messages (
    seq bigint generated always as identity primary key,
    queue bigint not null references local_cloud.queues (id) on delete cascade,
    id uuid not null default gen_random_uuid(),
    body text not null,
    attributes jsonb not null,
    sent_at timestamptz not null default now(),
    visible_at timestamptz not null,
    expires_at timestamptz not null,
    first_received_at timestamptz,
    receive_count int not null default 0,
    receipt uuid,
    source_queue bigint
  );
  create index messages_by_visibility on local_cloud.messages (queue, visible_at);
  create index messages_by_expiry on local_cloud.messages (expires_at);
  create index messages_by_receipt on local_cloud.messages (receipt) where receipt is not null;
  `,
  // Removes multipart uploads and message attributes, which were never used.
  `
  drop table local_cloud.parts;
  drop table local_cloud.uploads;
  alter table local_cloud.objects drop column upload;
  alter table local_cloud.messages drop column attributes;
  `,
  // The id of the database. The folder of the objects has a copy of it.
  `
  create table local_cloud.store (id uuid not null default gen_random_uuid());
  insert into local_cloud.store default values;
  `,
];
