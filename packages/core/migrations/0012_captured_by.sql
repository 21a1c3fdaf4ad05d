-- Up Migration

-- An old photo that was imported has a time of capture, but nobody waited for it: the delivery report leaves it out.
alter table images add column captured_by text not null default 'camera' check (captured_by in ('camera', 'import'));
