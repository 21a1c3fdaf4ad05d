#!/bin/bash
# Starts a Ceph cluster of one monitor and one OSD (in memory) with its object gateway on loopback, runs `npm run check:s3`
# on it with this command's arguments, and stops it.
#   apt-get install ceph-mon ceph-osd radosgw curl
# PORT is the first of 20 ports.
set -euo pipefail
cd "$(dirname "$0")/../.."
port=${PORT:-22300}
folder=$(mktemp -d /tmp/spinbay-ceph-XXXXXX)
gateway=http://127.0.0.1:$port
pids=()
stop() {
  kill -KILL "${pids[@]}" 2>/dev/null || true
  wait "${pids[@]}" 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT

fsid=$(cat /proc/sys/kernel/random/uuid)
export CEPH_CONF=$folder/ceph.conf
cat > "$CEPH_CONF" <<CONF
[global]
fsid = $fsid
mon host = [v2:127.0.0.1:$((port + 1))/0]
public addr = 127.0.0.1
ms bind port min = $((port + 2))
ms bind port max = $((port + 19))
keyring = $folder/keyring
run dir = $folder
admin socket = $folder/\$name.sock
log file = $folder/\$name.log
mon data = $folder/mon
osd data = $folder/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$port
rgw data = $folder
CONF

mkdir "$folder/mon" "$folder/osd"
monmaptool --create --addv a "[v2:127.0.0.1:$((port + 1))]" --fsid "$fsid" "$folder/monmap" > /dev/null
add_key() { ceph-authtool "$folder/keyring" --gen-key -n "$@" > /dev/null; }
touch "$folder/keyring"
add_key mon. --cap mon 'allow *'
add_key client.admin --cap mon 'allow *' --cap osd 'allow *'
add_key client.rgw --cap mon 'allow rw' --cap osd 'allow rwx'
add_key osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
ceph-mon --mkfs -i a --monmap "$folder/monmap" --keyring "$folder/keyring"
ceph-mon -f -i a > "$folder/mon.out" 2>&1 & pids+=($!)
osd=$(cat /proc/sys/kernel/random/uuid)
timeout 60 ceph osd new "$osd" > /dev/null
ceph-osd -i 0 --mkfs --osd-uuid "$osd" > "$folder/mkfs.out" 2>&1
ceph-osd -f -i 0 > "$folder/osd.out" 2>&1 & pids+=($!)
radosgw -f -n client.rgw > "$folder/rgw.out" 2>&1 & pids+=($!)
curl -fsS --retry 120 --retry-delay 1 --retry-connrefused "$gateway" > /dev/null
radosgw-admin user create --uid spinbay --display-name Spinbay --access-key spinbay --secret-key ceph-secret > /dev/null

export S3_ENDPOINT=$gateway S3_BUCKET=spinbay S3_REGION=us-east-1 S3_TAGS=${S3_TAGS:-on}
export S3_ACCESS_KEY_ID=spinbay S3_SECRET_ACCESS_KEY=ceph-secret
npm run --silent check:s3 -- --create "$@"
