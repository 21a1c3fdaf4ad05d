-- Up Migration

-- Whether the place where a photo was taken is kept with it. It tells where a dealer's cars and people are: off unless asked for.
alter table organizations add column keep_gps boolean not null default false;
grant update (keep_gps) on organizations to spinbay_app;
