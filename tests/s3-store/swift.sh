#!/bin/bash
# Starts OpenStack Swift with its S3 API on loopback, runs `npm run check:s3` on it with this command's arguments, and stops
# it.
# Needs root on a machine without another Swift, because Swift reads /etc/swift/swift.conf:
#   apt-get install swift-proxy swift-account swift-container swift-object memcached curl
# PORT is the first of five ports.
set -euo pipefail
cd "$(dirname "$0")/../.."
port=${PORT:-22080}
folder=$(mktemp -d /tmp/spinbay-swift-XXXXXX)
origins="http://127.0.0.1:${SPINBAY_PORTAL_PORT:-4100} http://127.0.0.1:${SPINBAY_CAPTURE_PORT:-4200}"
proxy=http://127.0.0.1:$port
pids=()
stop() {
  kill "${pids[@]}" 2>/dev/null || true
  wait "${pids[@]}" 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT

mkdir -p /etc/swift "$folder/devices/d1"
cat > /etc/swift/swift.conf <<CONF
[swift-hash]
swift_hash_path_suffix = spinbay
[storage-policy:0]
name = default
default = yes
CONF

# One copy of everything, on one device. A ring is the file that names the devices.
number=0
for kind in account container object; do
  number=$((number + 1))
  (
    cd "$folder"
    swift-ring-builder $kind.builder create 4 1 1
    swift-ring-builder $kind.builder add "r1z1-127.0.0.1:$((port + number))/d1" 1
    swift-ring-builder $kind.builder rebalance
  ) > /dev/null
  cat > "$folder/$kind.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $((port + number))
user = root
swift_dir = $folder
devices = $folder/devices
mount_check = false
disable_fallocate = true
workers = 0
[pipeline:main]
pipeline = $kind-server
[app:$kind-server]
use = egg:swift#$kind
[$kind-replicator]
[$kind-updater]
[$kind-auditor]
CONF
done
cat > "$folder/proxy.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
user = root
swift_dir = $folder
workers = 2
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache s3api tempauth proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$((port + 4))
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
allow_multipart_uploads = false
cors_preflight_allow_origin = ${origins// /,}
[filter:tempauth]
use = egg:swift#tempauth
user_spinbay_store = swift-secret .admin
CONF

memcached -u root -l 127.0.0.1 -p $((port + 4)) & pids+=($!)
for kind in account container object proxy; do
  swift-$kind-server "$folder/$kind.conf" > "$folder/$kind.log" 2>&1 & pids+=($!)
done
curl -fsS --retry 60 --retry-delay 1 --retry-connrefused "$proxy/healthcheck" > /dev/null

# The bucket and its CORS rules, which are headers of a Swift container: its S3 API has no PutBucketCors.
headers=$(curl -fsS -D - -o /dev/null -H 'X-Auth-User: spinbay:store' -H 'X-Auth-Key: swift-secret' "$proxy/auth/v1.0" | tr -d '\r')
token=$(sed -n 's/^x-auth-token: //Ip' <<< "$headers")
account=$(sed -n 's/^x-storage-url: //Ip' <<< "$headers")
curl -fsS -X PUT -H "X-Auth-Token: $token" -H "X-Container-Meta-Access-Control-Allow-Origin: $origins" "$account/spinbay"

export S3_ENDPOINT=$proxy S3_BUCKET=spinbay S3_REGION=us-east-1 S3_TAGS=${S3_TAGS:-off}
export S3_ACCESS_KEY_ID=spinbay:store S3_SECRET_ACCESS_KEY=swift-secret
npm run --silent check:s3 -- "$@"
