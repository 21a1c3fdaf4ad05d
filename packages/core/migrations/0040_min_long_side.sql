-- Up Migration

-- The minimum length of the long side of a photo, in pixels. Null: the limit of the installation applies.
alter table organizations add column qc_min_long_side integer check (qc_min_long_side between 100 and 20000);
grant update (qc_min_long_side) on organizations to spinbay_app;
alter table qc_rejudgements add column min_long_side integer check (min_long_side between 100 and 20000);
