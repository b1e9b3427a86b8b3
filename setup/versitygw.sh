#!/usr/bin/env bash
# Builds the S3 server that tests start, pinned by tools/versitygw.mod. Silent when it is there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"

sum=$here/../tools/versitygw.sum
folder=$cache/versitygw/$(sha256sum "$sum" | cut -c1-16) # tests look here too, by the same name
[ -x "$folder/versitygw" ] && exit

mkdir -p "$folder"
exec 9>"$folder.lock" && flock 9
[ -x "$folder/versitygw" ] && exit
say "bygger S3-tjeneren som testene starter"
cd "$here/.."
CGO_ENABLED=0 go build -modfile=tools/versitygw.mod -trimpath -o "$folder/versitygw.part" github.com/versity/versitygw/cmd/versitygw
mv "$folder/versitygw.part" "$folder/versitygw"
