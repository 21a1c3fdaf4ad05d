-- Up Migration

-- Nobody waited for an imported old photo, so the delivery report leaves it out.
alter table images add column captured_by text not null default 'camera' check (captured_by in ('camera', 'import'));
