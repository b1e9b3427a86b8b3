#!/usr/bin/env bash
# Builds the program twice, in folders of different names and with empty build caches, and holds the two against each
# other. The native libraries are the same both times: they are known by their stamp, which the program tells, and are
# not built for every processor alike (see setup/whisper.sh). The caller sets the compiler's paths, as make does.
# usage: reproducible.sh LDFLAGS
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"

modules=$(go env GOMODCACHE)
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
first=$work/a second=$work/et/annet/navn
for tree in "$first" "$second"; do
  mkdir -p "$tree/src" "$tree/tmp"
  (cd "$here/.." && git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --ignore-failed-read -cf -) | tar -xf - -C "$tree/src"
  cp -r "$here/../web/assets/dist/." "$tree/src/web/assets/dist/"
  say "bygger $([ "$tree" = "$first" ] && echo første || echo andre) gang"
  (cd "$tree/src" && GOCACHE=$tree/cache TMPDIR=$tree/tmp HOME=$tree GOMODCACHE=$modules GOFLAGS=-mod=readonly \
    go build -trimpath -buildvcs=false -ldflags "$1" -o "$tree/referent" ./cmd/referent)
  chmod -R u+w "$tree/cache" && rm -rf "$tree/cache"
done
sha256sum "$first/referent" "$second/referent" | sed "s|$work/||"
if ! cmp "$first/referent" "$second/referent"; then
  go version -m "$first/referent" >"$work/1"; go version -m "$second/referent" >"$work/2"
  diff "$work/1" "$work/2" >&2 || true
  for tree in "$first" "$second"; do
    strings -n 6 "$tree/referent" | grep -F "$tree" | head -n 5 >&2 || true
  done
  die "de to er ikke like"
fi
if strings -n 6 "$first/referent" | grep -qF "$work"; then die "programmet inneholder stien det ble bygd i"; fi
