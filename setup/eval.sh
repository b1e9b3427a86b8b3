#!/usr/bin/env bash
# Measures recognition on the evaluation data beside the repository: word error rate against whisper-cli
# with the same weights, greedy, and between the formats of one recording. Fails where a bar is missed;
# says so where the data is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

data=../shared/eval out=out/eval
[ -d "$data" ] || { echo "HOPPET OVER: $data finnes ikke her, så ingenting er målt."; exit 0; }
mkdir -p "$out"
model=$cache/models/ggml-base.bin
failed=0

say "ordfeil på king.mp3: referent og whisper-cli (grådig, samme vekter)"
ffmpeg -v error -y -i "$data/speech-nb/king.mp3" -ac 1 -ar 16000 "$out/king.wav"
"$cache/whisper/current/bin/whisper-cli" -m "$model" -f "$out/king.wav" -l no -t "$(nproc)" -bs 1 -nt -np >"$out/king-whisper-cli.txt" 2>/dev/null
bin/referent process "$data/speech-nb/king.mp3" --out "$out/king" 2>/dev/null
bin/referent eval wer "$data/speech-nb/king.txt" "$out/king-whisper-cli.txt"
bin/referent eval wer "$data/speech-nb/king.txt" "$out/king/transcript.json"
theirs=$(bin/referent eval wer --json "$data/speech-nb/king.txt" "$out/king-whisper-cli.txt" | python3 -c 'import json,sys; print(json.load(sys.stdin)["wer"])')
bin/referent eval wer --limit "$theirs" "$data/speech-nb/king.txt" "$out/king/transcript.json" >/dev/null || { echo "DÅRLIGERE enn whisper-cli"; failed=1; }

say "ordfeil mellom formatene (høyst 3 %), målt mot flac; opptaket er på engelsk"
bin/referent process "$data"/formats/audio.flac --spoken en --out "$out/formats/flac" 2>/dev/null
for file in "$data"/formats/audio.*; do
  format=${file##*.}
  [ "$format" = flac ] && continue
  bin/referent process "$file" --spoken en --out "$out/formats/$format" 2>/dev/null
  bin/referent eval wer --limit 0.03 "$out/formats/flac/transcript.txt" "$out/formats/$format/transcript.txt" || { echo "OVER 3 %: $format"; failed=1; }
done
exit "$failed"
