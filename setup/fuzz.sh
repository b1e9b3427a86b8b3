#!/usr/bin/env bash
# Runs every Fuzz function of the repository for a while each: setup/fuzz.sh 30s, or 2000x for so many inputs.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}
grep -rnoE '^func Fuzz[A-Za-z0-9_]*' --include '*_test.go' . | while IFS=: read -r file _ func; do
  name=${func#func }
  each=$time
  echo "» $name i $(dirname "$file")"
  # These ask a whole server, which takes milliseconds where a parser takes microseconds, and many times that while its
  # coverage is watched: in the short form they get few inputs, and every route its own, which are a thousand.
  case $name:$time in
    FuzzRequests:*x) each=$((${time%x} / 10))x ;;
    FuzzRoutes:*x)
      go test -count 1 -run "^$name\$" "$(dirname "$file")" </dev/null
      continue
      ;;
  esac
  go test -run '^$' -fuzz "^$name\$" -fuzztime "$each" -fuzzminimizetime 20x -parallel 2 "$(dirname "$file")" </dev/null
done
