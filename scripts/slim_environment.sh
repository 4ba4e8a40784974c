#!/bin/sh
# slim_environment.sh VENV [BUILT]: take out of an environment what runs nothing here, and put compiled kernels in (BUILT `-`: no kernels,
# and nothing of the environment is run). For images and packages, where the environment is never changed again.
set -eu
venv=$1
built=${2:-}
site=$(echo "$venv"/lib/python3*/site-packages)
machine=$(uname -m)

# pip, tests, headers, type stubs' sources
rm -rf "$site"/pip "$site"/pip-*.dist-info "$venv"/bin/pip*
find "$site" -depth -type d \( -name tests -o -name __pycache__ -o -name include \) -exec rm -rf {} +
# a second zstd, a picture format that nobody writes here, the same librtlsdr under a second name, LLVM's symbols
rm -f "$site"/zstandard/_cffi*.so "$site"/PIL/_avif*.so "$site"/pillow.libs/libavif*
for name in "$site"/pyrtlsdrlib/lib/librtlsdr.so.0 "$site"/pyrtlsdrlib/lib/custom_build/librtlsdr.so*; do
  same=$(find "$(dirname "$name")" -maxdepth 1 -name 'librtlsdr.so.*git')
  [ "$name" = "$same" ] || [ ! -e "$same" ] || ! cmp -s "$name" "$same" || ln -sf "$(basename "$same")" "$name"
done
! command -v strip >/dev/null || strip --strip-unneeded "$site"/llvmlite/binding/libllvmlite.so 2>/dev/null || true # another machine's
[ "$built" != - ] || exit 0

# kernels
kernels="$site/dsp/built"
name() { "$venv/bin/python" -c 'import sys; from dsp.kernel_names import name; print(name(sys.argv[1]))' "$1"; }
mkdir -p "$kernels"
for cpu in generic $([ "$machine" = x86_64 ] && echo x86-64-v3); do
  set=$(name "$cpu")
  if [ -n "$built" ] && [ -d "$built/$set" ]; then
    cp -r "$built/$set" "$kernels/"
  elif [ "$cpu" = generic ]; then
    NUMBA_CPU_NAME=$cpu NUMBA_CPU_FEATURES='' NUMBA_CACHE_DIR=$kernels "$venv/bin/squitter" warmup --quiet
  fi
done
find "$site" -depth -type d -name __pycache__ -exec rm -rf {} +
chmod -R a+rX "$venv"
