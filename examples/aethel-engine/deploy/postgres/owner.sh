#!/bin/sh
# Runs once, when the image sets a new database up. Services log in as its owner, who is no superuser: a superuser runs programs of the
# machine from SQL.
set -eu

psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" <<'END'
\getenv owner OWNER
\getenv password OWNER_PASSWORD
SELECT current_database() AS database \gset
CREATE ROLE :"owner" LOGIN PASSWORD :'password';
ALTER DATABASE :"database" OWNER TO :"owner";
END
