#!/bin/sh
# Home Assistant's own core, in an environment of its own on Python 3.13, against a real mosquitto and our sinks.
set -eu
cd "$(dirname "$0")/.."
venv=.venv-home-assistant

if [ ! -x "$venv/bin/hass" ]; then
    python=
    for candidate in python3.13 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13.*/bin/python; do
        if command -v "$candidate" >/dev/null 2>&1 && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' 2>/dev/null
        then python=$candidate; break; fi
    done
    if [ -z "$python" ]; then
        echo "Home Assistant 2025.4 needs Python 3.13; there is none (pyenv install 3.13)" >&2
        exit 1
    fi
    "$python" -m venv "$venv"
    "$venv/bin/pip" install -q --disable-pip-version-check \
        homeassistant==2025.4.4 paho-mqtt==2.1.0 home-assistant-frontend==20250411.0
fi
SQUITTER_HOME_ASSISTANT_PYTHON=$PWD/$venv/bin/python exec .venv/bin/python -m pytest -q tests/home_assistant "$@"
