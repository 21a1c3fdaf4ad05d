#!/bin/sh
# `sh deploy/compose/create-secrets.sh`: creates the folder secrets/ with the secrets of compose.yaml: a file for each service, with
# random passwords, which only this user can read. It never overwrites one.
set -eu
cd "$(dirname "$0")/../.."
umask 077
mkdir secrets || {
  echo "The folder secrets/ exists already, and its passwords are in use. Nothing was changed." >&2
  exit 1
}

secret() {
  od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

id() {
  od -An -N8 -tx1 /dev/urandom | tr -d ' \n' | tr a-f A-F
}

owner=$(secret)
app=$(secret)
cloud=$(secret)
admin_id=STORE$(id) admin_key=$(secret)
api_id=STORE$(id) api_key=$(secret)
worker_id=STORE$(id) worker_key=$(secret)

cat >secrets/database.env <<END
POSTGRES_PASSWORD=$(secret)
SPINBAY_OWNER_PASSWORD=$owner
SPINBAY_APP_PASSWORD=$app
SPINBAY_CLOUD_PASSWORD=$cloud
END
cat >secrets/store.env <<END
SPINBAY_CLOUD_DATABASE_URL=postgres://spinbay_cloud:$cloud@database:5432/spinbay_cloud
SPINBAY_CLOUD_ACCESS_KEYS={"admin":{"accessKeyId":"$admin_id","secretAccessKey":"$admin_key"},"api":{"accessKeyId":"$api_id","secretAccessKey":"$api_key"},"worker":{"accessKeyId":"$worker_id","secretAccessKey":"$worker_key"}}
END
cat >secrets/migrate.env <<END
DATABASE_URL=postgres://spinbay_owner:$owner@database:5432/spinbay
END
cat >secrets/bucket.env <<END
AWS_ACCESS_KEY_ID=$admin_id
AWS_SECRET_ACCESS_KEY=$admin_key
END
cat >secrets/api.env <<END
DATABASE_URL=postgres://spinbay_app:$app@database:5432/spinbay
AWS_ACCESS_KEY_ID=$api_id
AWS_SECRET_ACCESS_KEY=$api_key
END
cat >secrets/worker.env <<END
DATABASE_URL=postgres://spinbay_app:$app@database:5432/spinbay
AWS_ACCESS_KEY_ID=$worker_id
AWS_SECRET_ACCESS_KEY=$worker_key
END
echo "Created secrets/. Back it up, and keep it where only administrators can read it."
