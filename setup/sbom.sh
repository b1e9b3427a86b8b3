#!/usr/bin/env bash
# Makes the bill of materials of a built program (tools/sbom says what is in it). The tools are pinned in a module of
# their own.
# usage: sbom.sh PROGRAM OUT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1") out=$(realpath -m "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here/../tools/sbom"
go tool cyclonedx-gomod bin -json -output-version 1.6 -std -noserial -output "$work/modules.json" "$program" 2>"$work/log" || { cat "$work/log" >&2; exit 1; }
go run . -program "$program" -modules "$work/modules.json" -lock "$here/../web/assets/package-lock.json" \
  -schemas "$(go list -m -f '{{.Dir}}' github.com/CycloneDX/cyclonedx-go)/schema" -out "$out"
