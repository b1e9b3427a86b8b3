#!/usr/bin/env bash
# Brings the pages' third-party files from npm, by the versions and hashes of web/assets/package-lock.json, and
# puts those that become part of the program into web/assets/dist. What only tests and checks need (axe-core,
# TypeScript) stays in the cache. Silent when everything is there; no script of any package runs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"

source=$here/../web/assets
dist=$source/dist
lock=$(sha256sum "$source/package-lock.json" | cut -c1-16)
folder=$cache/assets/$lock # tests look here too, by the same name
stamp="$lock $(sha256sum "$here/assets.sh" | cut -c1-16)"
[ "$(cat "$dist/.stamp" 2>/dev/null)" = "$stamp" ] && [ -f "$folder/complete" ] && exit

command -v npm >/dev/null 2>&1 || die "npm mangler: make system installerer det"
mkdir -p "$folder"
exec 9>"$folder.lock" && flock 9
if [ ! -f "$folder/complete" ]; then
  say "henter sidenes stiler, skrift og skript fra npm"
  cp "$source/package.json" "$source/package-lock.json" "$folder/"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm.log 2>&1) \
    || { tail -n 5 "$folder/npm.log" >&2; die "npm kunne ikke hente filene; hele loggen: $folder/npm.log"; }
  touch "$folder/complete"
fi

packages=$folder/node_modules
find "$dist" -type f ! -name README.md -delete
put() { install -m 0644 "$packages/$1" "$dist/$2"; }
put @digdir/designsystemet-css/dist/src/index.css designsystemet.css
put @digdir/designsystemet-css/dist/theme/designsystemet.css designsystemet-theme.css
put @fontsource-variable/inter/files/inter-latin-wght-normal.woff2 inter-latin.woff2
put @fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2 inter-latin-ext.woff2
for package in @digdir/designsystemet-css @fontsource-variable/inter; do
  version=$(sed -n 's/^ *"version": "\(.*\)",*$/\1/p' "$packages/$package/package.json" | head -n 1)
  printf '%s %s\n\n%s\n\n\n' "$package" "$version" "$(cat "$packages/$package/LICENSE")"
done >"$dist/third-party.txt"
printf '%s\n' "$stamp" >"$dist/.stamp"
