-- Up Migration

-- The direction of the turntable, seen from above. The viewer needs it to follow the hand that turns the spin.
alter table sessions add column turntable text not null default 'clockwise'
  check (turntable in ('clockwise', 'counterclockwise'));
