#!/usr/bin/env bash
# Builds whisper.cpp for graphics processors: `setup/gpu.sh vulkan` or `setup/gpu.sh cuda`. Leaves it beside
# the build for processors, as $REFERENT_CACHE/whisper/vulkan or cuda, and prints the linker flags that a
# program needs with it. A program built so runs on machines without a graphics processor too.
#
# CUDA: the toolkit that nvcc on PATH belongs to, else NVIDIA's own packages from PyPI (about 570 MB).
# CUDA_ARCHS chooses the processors, in cmake's form; each takes several minutes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"

vulkan() {
  local missing=()
  command -v glslc >/dev/null || missing+=(glslc)
  [ -e /usr/include/vulkan/vulkan.h ] || missing+=(libvulkan-dev)
  [ -d /usr/include/spirv ] || missing+=(spirv-headers)
  if [ ${#missing[@]} -gt 0 ]; then
    say "installerer ${missing[*]}"
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"; } >"$cache/apt.log" 2>&1 \
      || { tail -n 10 "$cache/apt.log" >&2; die "kjør: sudo apt-get install ${missing[*]}"; }
  fi
  # Headers of a Debian that is some years old lack a few names that ggml uses.
  CPLUS_INCLUDE_PATH="$here/vulkan${CPLUS_INCLUDE_PATH:+:$CPLUS_INCLUDE_PATH}" \
    WHISPER_NAME=vulkan WHISPER_CMAKE_FLAGS="-DGGML_VULKAN=ON" "$here/whisper.sh"
  echo "-lggml-vulkan -lggml-base -lvulkan -lstdc++"
}

# The parts of NVIDIA's toolkit that compiling needs. Each unpacks into the same folder, nvidia/cu13.
cuda_packages=(
  "nvidia-cuda-nvcc==13.5.37 nvidia_cuda_nvcc-13.5.37-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
  "nvidia-nvvm==13.5.37 nvidia_nvvm-13.5.37-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl"
  "nvidia-cuda-crt==13.5.37 nvidia_cuda_crt-13.5.37-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
  "nvidia-cuda-runtime==13.5.37 nvidia_cuda_runtime-13.5.37-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
  "nvidia-cublas==13.10.0.20 nvidia_cublas-13.10.0.20-py3-none-manylinux1_x86_64.manylinux_2_5_x86_64.whl"
  "nvidia-cuda-cccl==13.3.5.0.6 nvidia_cuda_cccl-13.3.5.0.6-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl"
)
cuda_digests=(
  f5c4f7ead5d964fb4af42bbf1e6d3ec3c1e6e9d83b53749f691d387e7fcaa3a7
  c41bfa362e407405163f103c2229f0765f8cc2ed7d148b754dc77f228bf7e070
  e898b7f73d3035fa89915a3f7bf3b54a73e90249746111aed295822c4729bb29
  df2b79a8852f10d1fef8c848489c49eebb5754051bf870202a862831412b179d
  dcc6d63884c53d07e267ce7e6feac17b2538cebaafec5db865736c3e28e4dc84
  d5230098fa2df5021e1a00c0c4eee41797671a91119d31e892463e5ccf3ee326
)

cuda_toolkit() {
  if command -v nvcc >/dev/null; then
    dirname "$(dirname "$(readlink -f "$(command -v nvcc)")")"
    return
  fi
  local folder=$cache/cuda-13.5 i package archive
  if [ ! -f "$folder/.complete" ]; then
    say "henter CUDA-verktøyene (NVIDIAs egne pakker fra PyPI)"
    rm -rf "$folder"; mkdir -p "$folder"
    for i in "${!cuda_packages[@]}"; do
      read -r package archive <<<"${cuda_packages[$i]}"
      pip_file "$cache/downloads" "$archive" "${cuda_digests[$i]}" "$package"
      python3 -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])' "$cache/downloads/$archive" "$folder"
    done
    # What a package manager would have done: programs may run, and libraries have their plain names.
    chmod -R u+x "$folder/nvidia/cu13/bin" "$folder/nvidia/cu13/nvvm/bin" 2>/dev/null || true
    ln -sfn lib "$folder/nvidia/cu13/lib64"
    for library in "$folder"/nvidia/cu13/lib/lib*.so.13; do ln -sf "$(basename "$library")" "${library%.13}"; done
    touch "$folder/.complete"
  fi
  echo "$folder/nvidia/cu13"
}

cuda() {
  local toolkit
  toolkit=$(cuda_toolkit)
  # Without VMM the driver's library is not linked: the program starts on machines that have no driver.
  CUDACXX="$toolkit/bin/nvcc" CUDA_PATH="$toolkit" CUDAToolkit_ROOT="$toolkit" WHISPER_NAME=cuda \
    WHISPER_CMAKE_FLAGS="-DGGML_CUDA=ON -DGGML_CUDA_NO_VMM=ON -DGGML_CUDA_NCCL=OFF -DCUDAToolkit_ROOT=$toolkit -DCMAKE_CUDA_ARCHITECTURES=${CUDA_ARCHS:-75-virtual;80-real;86-real;89-real;90-virtual}" \
    "$here/whisper.sh"
  local lib=$toolkit/lib64
  echo "-lggml-cuda -lggml-base -L$lib -Wl,-rpath,$lib -lcudart -lcublas -lcublasLt -lstdc++"
}

case ${1:-} in
  vulkan) vulkan ;;
  cuda) cuda ;;
  *) die "bruk: setup/gpu.sh vulkan | cuda" ;;
esac
