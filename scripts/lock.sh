#!/usr/bin/env bash
# Renew the lock files: every package with its checksums, for all Pythons and processors at once, naming no host.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .venv/bin/uv)
common=(pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate -q)
"$uv" pip compile "${common[@]}" -o requirements.lock "$@"
"$uv" pip compile "${common[@]}" --all-extras -c requirements.lock -o requirements-dev.lock "$@"
