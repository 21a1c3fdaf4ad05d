-- Up Migration

-- Which way the turntable turns, seen from above: what a viewer shows must follow the hand that turns it.
alter table sessions add column turntable text not null default 'clockwise'
  check (turntable in ('clockwise', 'counterclockwise'));
