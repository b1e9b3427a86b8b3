#!/usr/bin/env bash
# Checks the types of our own scripts, those that begin with // @ts-check, with the TypeScript that make assets
# brought. Nothing is compiled: browsers run the scripts as they are.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"

lock=$(sha256sum "$here/../web/assets/package-lock.json" | cut -c1-16)
tsc=$cache/assets/$lock/node_modules/typescript/bin/tsc
[ -f "$tsc" ] || die "TypeScript mangler: make assets henter det"
node "$tsc" -p "$here/tsconfig.json"
