#!/usr/bin/env bash
# Runs every Fuzz function of the repository for a while each: setup/fuzz.sh 30s
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}
grep -rnoE '^func Fuzz[A-Za-z0-9_]*' --include '*_test.go' . | while IFS=: read -r file _ func; do
  name=${func#func }
  echo "» $name i $(dirname "$file")"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" -fuzzminimizetime 20x -parallel 2 "$(dirname "$file")" </dev/null
done
