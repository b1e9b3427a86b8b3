#!/usr/bin/env bash
# Measures on the evaluation data beside the repository, with `referent eval all`: words, times, speakers,
# noise, minutes; the report is out/eval/report.html. Beside it, king.mp3 is held against whisper-cli with the same
# weights. Fails where a bar is missed; says so where the data is not there.
# What is given goes to `eval all`: setup/eval.sh --only speech-nb,noise --mode grundig
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

data=../shared/eval out=out/eval
[ -d "$data" ] || { echo "HOPPET OVER: $data finnes ikke her; bare referater av prosjektets egne møter måles."; exec bin/referent eval minutes; }
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

say "DER og cpWER mot tallene fra meeteval"
fixtures=$data/speakers/meeteval
if [ -d "$fixtures" ]; then
  bin/referent eval der --uem "$fixtures/uem.uem" "$fixtures/ref.rttm" "$fixtures/hyp.rttm"
  bin/referent eval cpwer --raw "$fixtures/ref.stm" "$fixtures/hyp.stm"
else
  echo "HOPPET OVER: $fixtures finnes ikke her."
fi

say "alle målinger"
bin/referent eval all --data "$data" --out "$out" "$@" || failed=1
exit "$failed"
