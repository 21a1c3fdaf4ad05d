#!/bin/sh
# The image of PostgreSQL runs this once, when it creates the database: the roles and databases of Spinbay, with the passwords of
# secrets/database.env.
set -eu
psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --set ON_ERROR_STOP=1 --quiet \
  --set owner="$SPINBAY_OWNER_PASSWORD" --set app="$SPINBAY_APP_PASSWORD" --set cloud="$SPINBAY_CLOUD_PASSWORD" <<'END'
create role spinbay_owner login nosuperuser nocreatedb nocreaterole password :'owner';
create role spinbay_app login nosuperuser nocreatedb nocreaterole password :'app';
create role spinbay_cloud login nosuperuser nocreatedb nocreaterole password :'cloud';
create database spinbay owner spinbay_owner template template0 encoding 'UTF8';
create database spinbay_cloud owner spinbay_cloud template template0 encoding 'UTF8';
revoke all on database spinbay, spinbay_cloud from public;
grant connect on database spinbay to spinbay_app;
END
