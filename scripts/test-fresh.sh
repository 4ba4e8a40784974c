#!/usr/bin/env bash
# test-fresh.sh [SUITE …]: README's first hour on minimal Debian roots, as root and as a user without sudo, from a clone of what is
# committed here. Needs root and mmdebstrap. Says how long each command took; a command that fails ends it.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "test-fresh: needs root (chroot)" >&2; exit 1; }
command -v mmdebstrap >/dev/null || { echo "test-fresh: apt-get install mmdebstrap" >&2; exit 1; }
suites=("${@:-bookworm}")
work=$(mktemp -d /var/tmp/squitter-fresh.XXXXXX)
mounted=()
finish() { for one in "${mounted[@]}"; do umount -l "$one" 2>/dev/null || true; done; rm -rf --one-file-system "$work"; }
trap finish EXIT

hooks=() # what this machine needs to reach the network
for file in /etc/ssl/certs/ca-certificates.crt /etc/pip.conf /etc/resolv.conf; do
  [ -f $file ] && hooks+=(--customize-hook="copy-in $file $(dirname $file)")
done

certificates='export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt;' # npm has a list of its own
step() { # step ROOT USER COMMAND: as a person types it
  local began=$SECONDS
  printf '\n[%s] %s$ %s\n' "$(basename "$1")" "$2" "$3"
  chroot "$1" su - "$2" -c "$certificates cd squitter 2>/dev/null || cd; $3" 2>&1 | tail -"${LINES_SHOWN:-12}"
  local status=${PIPESTATUS[0]}
  printf '    … %d s\n' $((SECONDS - began))
  [ "$status" = 0 ] || { echo "test-fresh: status $status: $3" >&2; exit 1; }
}

for suite in "${suites[@]}"; do
  root=$work/$suite
  echo "test-fresh: $suite, a minimal root"
  if [ -d "${SQUITTER_FRESH_ROOTS:-/nowhere}/$suite" ]; then # made before
    cp -a "$SQUITTER_FRESH_ROOTS/$suite" "$root"
  else
    mmdebstrap -q --variant=minbase --include=ca-certificates,git,make,procps "${hooks[@]}" "$suite" "$root"
  fi
  for what in proc dev sys; do mount --rbind /$what "$root/$what"; mount --make-rslave "$root/$what"; mounted+=("$root/$what"); done
  git clone -q --no-hardlinks . "$root/srv/squitter"
  chroot "$root" useradd --create-home --shell /bin/bash pi
  chroot "$root" git config --system --add safe.directory '*'

  # a user without sudo: the first try may fail, but must name the line to type
  step "$root" pi "git clone -q /srv/squitter squitter"
  said=$(chroot "$root" su - pi -c "cd squitter && make demo" 2>&1) && { echo "test-fresh: python3-venv was not missing?" >&2; }
  printf '\n[%s] pi$ make demo\n%s\n' "$suite" "$said" | tail -5
  line=$(grep -oE 'apt-get install .*' <<<"$said") || { echo "test-fresh: nothing names what to install" >&2; exit 1; }
  step "$root" root "apt-get update -qq && DEBIAN_FRONTEND=noninteractive $line >/dev/null"
  step "$root" pi "make install"
  step "$root" pi ".venv/bin/squitter demo --seconds 20"
  step "$root" pi ".venv/bin/squitter synth busy-sky /tmp/busy_2400k.cu8 --seconds 2 --quiet && .venv/bin/squitter decode --quiet /tmp/busy_2400k.cu8 | head -3"
  step "$root" pi "printf 'roof\n48.2\n16.4\nyes\n\nyes\nyes\nno\n\nyes\n' | .venv/bin/squitter setup | tail -8"
  step "$root" pi ".venv/bin/squitter config check"
  step "$root" pi ".venv/bin/squitter doctor --only settings --only lists --only broker || true"
  step "$root" pi "timeout -s INT 25 .venv/bin/squitter run --lan 2>&1 | grep -E 'map on|broker|dongle|compil' | cut -c1-200"
  # root: installs for the whole machine
  step "$root" root "git clone -q /srv/squitter squitter && cd squitter && make install"
  step "$root" root ".venv/bin/squitter service install --dry-run || true"
  step "$root" root "python3 -m venv /opt/squitter && cd /srv/squitter && /opt/squitter/bin/pip install -q --require-hashes -r requirements.lock && /opt/squitter/bin/pip install -q --no-deps . && /opt/squitter/bin/squitter service install --dry-run | tail -4"
done
echo
echo "test-fresh: all good"
