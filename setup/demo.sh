#!/usr/bin/env bash
# The main job, seen from outside: real speech and a Norwegian meeting go through the whole daemon.
# AUDIO=path uses the reader's own recording (SPOKEN=en when it is not Norwegian).
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/lib.sh

out=${OUT:-out/demo}
if [ -n "${AUDIO:-}" ]; then
  [ -f "$AUDIO" ] || die "finner ikke opptaket «$AUDIO»"
  audio=$AUDIO spoken=${SPOKEN:-no}
else
  # John F. Kennedy, 1961: public domain, brought with the module of whisper.cpp's Go binding.
  audio=$(go list -m -f '{{.Dir}}' github.com/ggerganov/whisper.cpp/bindings/go)/samples/jfk.wav spoken=${SPOKEN:-en}
fi

say "tale til tekst og referat: hele tjenesten (NATS, SQLite, en arbeiderprosess) med whisper.cpp"
bin/referent process "$audio" --spoken "$spoken" --out "$out/opptak"
printf '\n%s\n\n' "$(cat "$out/opptak/transcript.txt")"
cat "$out/opptak/minutes.md"
printf '\n'

say "et norsk formannskapsmøte: transkripsjon fra Teams til møtebok"
bin/referent process examples/formannskapet.vtt --kind moteprotokoll --date 2026-11-24 \
  --participants examples/formannskapet-deltakere.csv --agenda examples/formannskapet-saksliste.txt \
  --out "$out/mote"
printf '\n'
cat "$out/mote/minutes.md"

printf '\n'
say "filene ligger i $out:"
find "$out" -type f | sort
