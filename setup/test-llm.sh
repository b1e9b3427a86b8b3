#!/usr/bin/env bash
# Starts a real llama-server on loopback with a pinned model and runs the tests that need one.
# usage: setup/test-llm.sh 1.5b|270m
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

size=$1
server=$(setup/llama.sh server)
model=$(setup/llama.sh model "$size")
log=$(mktemp)
port=$((20000 + RANDOM % 20000))
"$server" -m "$model" --host 127.0.0.1 --port "$port" -c 8192 -np 1 -t "$(nproc)" --no-webui >"$log" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null || true; rm -f "$log"' EXIT
for _ in $(seq 240); do
  curl -fs "http://127.0.0.1:$port/health" >/dev/null && break
  kill -0 "$pid" 2>/dev/null || { tail -20 "$log" >&2; die "llama-server startet ikke"; }
  sleep 0.5
done
export REFERENT_LLM_URL="http://127.0.0.1:$port/v1" REFERENT_LLM_MODEL="$size"
# The smallest model comes to no end with most lines of the second meeting: it is left to the larger one.
tests=TestLlama
[ "$size" = 270m ] && tests=TestLlama/formannskapet
go test -tags llm -run "$tests" -v -count 1 -timeout 30m ./summarize
say "hele jobben gjennom referent process"
bin/referent process examples/formannskapet.vtt --kind moteprotokoll --date 2026-11-24 \
  --participants examples/formannskapet-deltakere.csv --agenda examples/formannskapet-saksliste.txt \
  --llm "$REFERENT_LLM_URL" --llm-model "$REFERENT_LLM_MODEL" --out "out/llm-$size"
bin/referent eval schema "out/llm-$size/minutes.json"
