#!/usr/bin/env bash
# aarch64 without a machine of that kind: a Debian 12 arm64 root under qemu-user (cortex-a72), the locked wheels, the kernels that
# `make kernels` has cross-compiled. Frames must be those of x86-64, byte for byte, at each effort; then the decoder's and tracker's
# tests. Needs root, mmdebstrap, qemu-user-static with binfmt (apt-get install mmdebstrap qemu-user-static), a pip.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf 'test-arm: %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "needs root (chroot)"
[ -e /proc/sys/fs/binfmt_misc/status ] || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
[ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ] || update-binfmts --enable qemu-aarch64 || fail "qemu-user-static is missing"

work=${SQUITTER_ARM_ROOT:-build/arm} # kept: the second run begins with the tests
root=$work/root
mkdir -p "$work"
if [ ! -x "$root/usr/bin/python3.11" ]; then
  say "Debian 12 arm64"
  mmdebstrap -q --variant=extract --arch=arm64 --include=python3,libusb-1.0-0,libstdc++6,tzdata,coreutils,dash,bash,procps bookworm "$root"
fi
if ! cmp -s requirements-dev.lock "$root/site.lock"; then
  say "wheels for aarch64"
  rm -rf "$root/site"
  python3 -m venv "$work/pip"
  "$work/pip/bin/pip" install -q --target "$root/site" --python-version 3.11 --implementation cp --no-deps --only-binary :all: \
    --platform manylinux_2_28_aarch64 --platform manylinux_2_27_aarch64 --platform manylinux_2_17_aarch64 \
    --platform manylinux2014_aarch64 --require-hashes -r requirements.lock
  "$work/pip/bin/pip" install -q --target "$root/site" --python-version 3.11 --implementation cp --only-binary :all: \
    --platform manylinux_2_28_aarch64 --platform manylinux_2_17_aarch64 --platform manylinux2014_aarch64 \
    pytest pytest-timeout hypothesis jsonschema
  cp requirements-dev.lock "$root/site.lock"
fi
set=$(ls dsp/built 2>/dev/null | grep -- "^$(PYTHONPATH=. python3 -c 'from dsp.kernel_names import source_hash; print(source_hash())')-.*-py3.11-aarch64-generic$") ||
  fail "no kernels of these sources for aarch64: make kernels"

mounted=()
finish() { for one in "${mounted[@]}"; do umount -l "$one" 2>/dev/null || true; done; }
trap finish EXIT
mkdir -p "$root/squitter" "$root/proc" "$root/dev" "$root/kernels"
for pair in "$PWD:squitter" /proc:proc /dev:dev; do mount --rbind "${pair%:*}" "$root/${pair#*:}"; mount --make-rslave "$root/${pair#*:}"; mounted+=("$root/${pair#*:}"); done
arm() { chroot "$root" /usr/bin/env QEMU_CPU=cortex-a72 PYTHONPATH=/squitter:/site HOME=/tmp NUMBA_CACHE_DIR=/kernels NUMBA_CPU_NAME=generic \
  NUMBA_CPU_FEATURES= PYTHONDONTWRITEBYTECODE=1 PATH=/usr/bin:/bin /bin/sh -c "cd /squitter && $1"; }
rm -rf "$root/kernels"; mkdir "$root/kernels"; cp -r "dsp/built/$set" "$root/kernels/"

say "kernels"
arm "python3 -c 'from dsp.warm_up import kernels, warm_up; warm_up(); print(sum(one.compiled for one in kernels()), \"compiled of\", len(kernels()))'" |
  tee "$work/kernels" && grep -q '^0 compiled' "$work/kernels" || fail "kernels were compiled under qemu"

say "frames"
here=${PYTHON:-.venv/bin/python}
PYTHONPATH=. $here -m receiver.cli synth busy-sky "$root/tmp/busy_2400k.cu8" --start 10 --seconds "${SECONDS_OF_SKY:-1}" --quiet
for effort in lean normal thorough; do
  code="import hashlib, sys; from dsp.demodulator import Demodulator; from dsp.effort import Effort; from dsp.samples import SampleBlock, SampleFormat
import numpy as np
iq = np.fromfile(sys.argv[1], np.uint8); d = Demodulator(2.4e6, SampleFormat.CU8, effort=Effort(sys.argv[2]))
batches = [d.feed(SampleBlock(iq, 0)), d.flush()]
rows = [bytes(row[: bits // 8]) for b in batches for row, bits in zip(b.data, b.n_bits)]
print(len(rows), hashlib.sha256(b'|'.join(rows)).hexdigest())"
  printf '%s' "$code" > "$root/tmp/frames.py"
  ours=$(PYTHONPATH=. $here "$root/tmp/frames.py" "$root/tmp/busy_2400k.cu8" $effort)
  theirs=$(arm "python3 /tmp/frames.py /tmp/busy_2400k.cu8 $effort")
  [ "$ours" = "$theirs" ] || fail "$effort: x86-64 $ours, aarch64 $theirs"
  say "$effort: $ours, the same on both"
done

say "tests"
arm "python3 -m pytest -q -p no:cacheprovider -m 'not slow' ${TESTS:-tests/receiver/decode tests/receiver/tracking}" || fail "tests"
say "all good"
