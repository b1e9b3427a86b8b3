#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that building and running need; with --test, also what only the
# tests need. Silent when everything is there. Without the right to install, prints the one command that
# does it and ends with status 1.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"

missing=()
# need COMMAND PACKAGE: one of the commands (separated by |) must be there, or else the package.
need() {
  local command
  for command in ${1//|/ }; do
    command -v "$command" >/dev/null 2>&1 && return
  done
  missing+=("$2")
}

need 'cc|gcc' gcc
need 'c++|g++' g++
need cmake cmake
need make make
need git git
need ffmpeg ffmpeg
need curl curl
need python3 python3
python3 -m pip --version >/dev/null 2>&1 || missing+=(python3-pip)
need npm npm
need openssl openssl
# The headers come with g++ only through libc6-dev, which --no-install-recommends may leave out.
echo '#include <stdlib.h>' | cc -E - >/dev/null 2>&1 || missing+=(libc6-dev)
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
if [ "${1:-}" = --test ]; then
  need 'chromium|chromium-browser|google-chrome' chromium
  need xmllint libxml2-utils
  need shellcheck shellcheck
  need espeak-ng espeak-ng
  need 'soffice|libreoffice' libreoffice-writer-nogui
  need pdftotext poppler-utils
  # Its programs are not on the path.
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || need initdb postgresql
  need strace strace
  need unshare util-linux
  need ip iproute2
fi

if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null 2>&1 || die "mangler: ${missing[*]}. Dette er ikke Debian eller Ubuntu; installer dem med systemets egne verktøy."
  root=()
  if [ "$(id -u)" -ne 0 ]; then
    root=(sudo)
    if ! sudo -n true 2>/dev/null; then
      printf 'Noen systempakker mangler. Kjør denne kommandoen, og prøv igjen:\n\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends %s\n\n' "${missing[*]}" >&2
      exit 1
    fi
  fi
  say "installerer systempakker: ${missing[*]}"
  install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}")
  log="$cache/apt.log"
  # The package lists are fetched only when what is there does not do: it is slow, and often not needed.
  if ! "${root[@]}" "${install[@]}" >"$log" 2>&1; then
    { "${root[@]}" apt-get update -q && "${root[@]}" "${install[@]}"; } >"$log" 2>&1 \
      || { tail -n 20 "$log" >&2; die "apt-get kunne ikke installere pakkene; hele loggen: $log"; }
  fi
fi

# Go is the one thing that is asked for beforehand: distributions carry versions that are too old.
command -v go >/dev/null 2>&1 || die "Go mangler. Hent det fra https://go.dev/dl/ og prøv igjen."
