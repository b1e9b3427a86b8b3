#!/usr/bin/env bash
# Brings veraPDF, by version and hash, and asks it whether the PDF files that we write are PDF/A-2a and PDF/UA-1.
# Needs Java and Maven, which nothing else here does; so this is no part of make test.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
for command in java mvn; do
  command -v "$command" >/dev/null || die "$command mangler: apt-get install default-jre-headless maven"
done

folder="$cache/verapdf/$(sha256sum "$here/verapdf/jars.sha256" | cut -c1-12)"
if [ ! -d "$folder" ]; then
  work=$(mktemp -d "$cache/downloads/.verapdf-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  say "henter veraPDF"
  mvn -q -B -f "$here/verapdf/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/jars" >&2 || die "Maven kunne ikke hente veraPDF"
  (cd "$work/jars" && sha256sum --quiet -c "$here/verapdf/jars.sha256") >&2 || die "veraPDF har feil kontrollsum"
  mkdir "$work/listed" # whatever else Maven brought is nobody's to run
  cut -d' ' -f3 "$here/verapdf/jars.sha256" | (cd "$work/jars" && xargs mv -t "$work/listed")
  mkdir -p "$(dirname "$folder")"
  mv "$work/listed" "$folder"
fi
cd "$here/.."
REFERENT_VERAPDF=$folder go test ./export -run '^TestVeraPDF$' -count=1 -v
