-- Up Migration

-- A vehicle belongs to a site: sites assign their stock numbers independently, and a site with separate access control must
-- not read or change the vehicles of another one.
alter table vehicles add column site_id uuid;

-- The owner sees the rows of all organizations only while the policies are not forced.
alter table sites no force row level security;
alter table vehicles no force row level security;
alter table sessions no force row level security;
alter table images no force row level security;

-- The first site that shot a vehicle keeps its row and its id.
update vehicles v set site_id = f.site_id
  from (select distinct on (org_id, vehicle_id) org_id, vehicle_id, site_id
    from sessions order by org_id, vehicle_id, started_at, id) f
  where v.org_id = f.org_id and v.id = f.vehicle_id;
-- A vehicle without sessions needs a site; any will do.
update vehicles v
  set site_id = (select s.id from sites s where s.org_id = v.org_id order by s.created_at, s.id limit 1)
  where v.site_id is null;

alter table vehicles drop constraint vehicles_org_id_vin_key, drop constraint vehicles_org_id_stock_key;
alter table images drop constraint images_org_id_session_id_site_id_vehicle_id_fkey;
alter table sessions drop constraint sessions_org_id_vehicle_id_fkey;

-- Every other site that shot it gets a separate row for its sessions and images.
create temporary table split on commit drop as
  select s.org_id, s.site_id, s.vehicle_id, gen_random_uuid() as new_id
  from (select distinct org_id, site_id, vehicle_id from sessions) s
  join vehicles v on v.org_id = s.org_id and v.id = s.vehicle_id
  where v.site_id <> s.site_id;
insert into vehicles (org_id, id, site_id, vin, stock, created_at)
  select v.org_id, p.new_id, p.site_id, v.vin, v.stock, v.created_at
  from split p join vehicles v on v.org_id = p.org_id and v.id = p.vehicle_id;
update sessions s set vehicle_id = p.new_id
  from split p where s.org_id = p.org_id and s.site_id = p.site_id and s.vehicle_id = p.vehicle_id;
update images i set vehicle_id = p.new_id
  from split p where i.org_id = p.org_id and i.site_id = p.site_id and i.vehicle_id = p.vehicle_id;

alter table vehicles
  alter column site_id set not null,
  add foreign key (org_id, site_id) references sites (org_id, id),
  add unique (org_id, id, site_id),
  add unique (org_id, site_id, stock),
  add unique (org_id, site_id, vin);
-- A session always has a vehicle of its own site.
alter table sessions add foreign key (org_id, vehicle_id, site_id) references vehicles (org_id, id, site_id);
alter table images add foreign key (org_id, session_id, site_id, vehicle_id)
  references sessions (org_id, id, site_id, vehicle_id);

alter table sites force row level security;
alter table vehicles force row level security;
alter table sessions force row level security;
alter table images force row level security;

-- VIN and stock number can be corrected, but a vehicle cannot be moved to another site.
revoke update on vehicles from spinbay_app;
grant update (vin, stock) on vehicles to spinbay_app;
