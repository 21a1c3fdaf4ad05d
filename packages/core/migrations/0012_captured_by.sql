-- Up Migration

-- Nobody waited for an imported old photo, so it does not count for the promise.
alter table images add column captured_by text not null default 'camera' check (captured_by in ('camera', 'import'));
