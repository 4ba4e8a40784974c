#!/usr/bin/env bash
# Does every locked package have a wheel for each Python and processor that the README names? Downloads nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .venv/bin/uv)
for python in 3.11 3.12 3.13 3.14; do
  for platform in x86_64-manylinux_2_28 aarch64-manylinux_2_28; do
    count=$("$uv" pip compile requirements-dev.lock --no-deps --only-binary :all: --python-version $python \
      --python-platform $platform --no-header --no-annotate -q | grep -c ==)
    echo "Python $python, $platform: $count packages, all with wheels"
  done
done
