#!/usr/bin/env bash
# Runs every Fuzz function of the repository for a while each: setup/fuzz.sh 30s, or 2000x for so many inputs.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-30s}
grep -rnoE '^func Fuzz[A-Za-z0-9_]*' --include '*_test.go' . | while IFS=: read -r file _ func; do
  name=${func#func }
  each=$time
  # These ask a whole server, which takes milliseconds where a parser takes microseconds.
  case $name in
    FuzzRoutes | FuzzRequests) [[ $time == *x ]] && each=$((${time%x} / 10))x ;;
  esac
  echo "» $name i $(dirname "$file")"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "$each" -fuzzminimizetime 20x -parallel 2 "$(dirname "$file")" </dev/null
done
