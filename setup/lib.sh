# What the setup scripts share. Sourced, not run.
# REFERENT_CACHE is the one folder that everything downloaded or built from downloads lies in.
cache=${REFERENT_CACHE:-$HOME/.cache/referent}
mkdir -p "$cache/downloads"

say() { printf '» %s\n' "$*" >&2; }
die() { printf 'feil: %s\n' "$*" >&2; exit 1; }

# npm_package NAME VERSION INTEGRITY: prints the path of the package's archive, checked against its
# Subresource-Integrity hash. The ordinary npm client fetches it, so its mirror and proxy settings hold.
npm_package() {
  local name=$1 version=$2 integrity=$3 file
  file="$cache/downloads/$(printf '%s' "$name" | tr -d @ | tr / -)-$version.tgz"
  if [ ! -f "$file" ] || ! matches_integrity "$file" "$integrity"; then
    (cd "$cache/downloads" && npm pack --silent "$name@$version" >/dev/null) || die "npm kunne ikke hente $name@$version"
    matches_integrity "$file" "$integrity" || { rm -f "$file"; die "$name@$version har feil kontrollsum"; }
  fi
  printf '%s\n' "$file"
}

# matches_integrity FILE sha512-BASE64
matches_integrity() {
  [ "sha512-$(openssl dgst -sha512 -binary "$1" | base64 -w0)" = "$2" ]
}
