#!/usr/bin/env bash
# Measures speed beside whisper-cli and faster-whisper with the same weights, and writes docs/benchmarks.md.
# Says so where the recordings are not there. Options are those of `referent bench`.
set -euo pipefail
cd "$(dirname "$0")/.."

data=../shared/eval/speech-nb/read
[ -d "$data" ] || { echo "HOPPET OVER: $data finnes ikke her, så ingenting er målt."; exit 0; }
mkdir -p docs
peers=$(setup/peers.sh)
bin/referent bench --peers "$peers" --page docs/benchmarks.md --out out/bench "$@" "$data"/*.m4a
