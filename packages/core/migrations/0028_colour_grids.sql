-- Up Migration

-- The mean colours of 16 x 16 parts of a frame as shown (RGB), by which the frames of a spin are compared with their neighbours. Null
-- for frames from before this column.
alter table images add column colour_grid bytea check (octet_length(colour_grid) = 768);
