#!/usr/bin/env bash
# Runs every Fuzz function of the repository for a while each: setup/fuzz.sh 30s
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}
grep -rlE '^func Fuzz' --include '*_test.go' . | while read -r file; do
  for name in $(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$file"); do
    echo "» $name i $(dirname "$file")"
    go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -parallel 2 "$(dirname "$file")"
  done
done
