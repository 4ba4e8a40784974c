#!/usr/bin/env bash
# Wheels in dist/: one for each set of kernels in dsp/built, a pure one for every other Python and processor, and the sdist.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
[ -x build/tools/bin/pyproject-build ] || { "$python" -m venv build/tools; build/tools/bin/pip install -q build; }
hash=$("$python" -c 'import sys; sys.path.insert(0, "."); from dsp.kernel_names import source_hash; print(source_hash())')
rm -rf dist
for set in $(ls dsp/built 2>/dev/null | sed -nE "s/^$hash-numba[^-]*-py3\.([0-9]+)-([a-z0-9_]+)-.*/cp3\1-\2/p" | sort -u); do
  SQUITTER_WHEEL=$set build/tools/bin/pyproject-build --wheel >/dev/null
done
build/tools/bin/pyproject-build >/dev/null
ls -l dist
