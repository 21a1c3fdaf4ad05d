-- Up Migration

-- Whether photos keep their GPS position. Off by default, because it reveals where a dealer's cars and people are.
alter table organizations add column keep_gps boolean not null default false;
grant update (keep_gps) on organizations to spinbay_app;
