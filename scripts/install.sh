#!/usr/bin/env bash
# install.sh run|test: a virtual environment with pinned packages and Squitter itself; for `test` the Debian packages
# that the tests start as well. What is already there, in the right version, is left alone.
set -euo pipefail
cd "$(dirname "$0")/.."
want=${1:?run or test}
venv=.venv

fail() { printf 'install: %s\n' "$*" >&2; exit 1; }

# --- the machine ---------------------------------------------------------------------------------------------------
case "$(uname -s) $(uname -m)" in
  "Linux x86_64" | "Linux aarch64") ;;
  "Linux "*) fail "this is $(uname -m); numba has wheels for 64-bit x86-64 and aarch64 only. On a Raspberry Pi install the 64-bit OS." ;;
  *) fail "this is $(uname -s); Squitter is made for Linux (Debian 12 or newer, Raspberry Pi OS 64-bit)" ;;
esac
[ "$(getconf LONG_BIT)" = 64 ] || fail "a 64-bit kernel with 32-bit programs; install the 64-bit Raspberry Pi OS"
if ! getconf GNU_LIBC_VERSION >/dev/null 2>&1; then
  fail "the C library is not glibc (Alpine's musl?); numba and others have no wheels for it. Use Debian or Ubuntu."
fi

# --- Debian packages -------------------------------------------------------------------------------------------------
as_root=()
may_install() {
  [ "$(id -u)" = 0 ] && return 0
  command -v sudo >/dev/null || return 1
  if sudo -n true 2>/dev/null || [ -t 0 ]; then as_root=(sudo); return 0; fi
  return 1
}

debian_packages() { # install those of "$@" that are missing, or say the line to type
  local missing=() name
  for name in "$@"; do
    dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
  done
  [ ${#missing[@]} = 0 ] && return 0
  command -v apt-get >/dev/null || fail "missing: ${missing[*]} (no apt-get here; install them your system's way)"
  may_install || fail "missing Debian packages, type: sudo apt-get install -y --no-install-recommends ${missing[*]}"
  printf 'install: apt-get install %s\n' "${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

usable_python() { # the python3 of the path if it will do, else another one that does; PYTHON=… wins
  local candidate
  for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

python=$(usable_python) || {
  debian_packages python3 python3-venv
  python=$(usable_python) || fail "needs Python 3.11 to 3.14; got $(python3 --version 2>&1 || echo none). Debian 12 has 3.11."
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || debian_packages python3-venv
# the C compiler builds the test librtlsdr; broker, browser and rtl_tcp are used as they are
[ "$want" = test ] && debian_packages gcc libc6-dev mosquitto mosquitto-clients chromium rtl-sdr jq openssl

# --- Python packages -------------------------------------------------------------------------------------------------
lock=requirements.lock
[ "$want" = test ] && lock=requirements-dev.lock
stamp() { # what an installation was made from
  printf '%s ' "$("$python" -V)"; cat pyproject.toml hatch_build.py receiver/web/page/package-lock.json "$1" | sha256sum
}
for done_lock in requirements-dev.lock $lock; do # an installation for the tests serves to run as well
  if [ "$(cat "$venv/from-$done_lock" 2>/dev/null)" = "$(stamp $done_lock)" ] && [ -x $venv/bin/squitter ]; then exit 0; fi
done
echo "install: Python packages into $venv ($("$python" -V))"
if ! [ -x $venv/bin/python ] || [ "$($venv/bin/python -V)" != "$("$python" -V)" ]; then
  rm -rf $venv
  "$python" -m venv $venv
fi
export PIP_DISABLE_PIP_VERSION_CHECK=1
$venv/bin/python -m pip install -q --require-hashes --only-binary :all: -r $lock
$venv/bin/python -m pip install -q --no-deps -e .
stamp $lock > $venv/from-$lock
$venv/bin/squitter warmup # once: half a minute here, some minutes on a Raspberry Pi
