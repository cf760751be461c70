#!/bin/sh
# Makes .venv with derive in it, and installs the three libraries that WeasyPrint needs where they are missing.
# Usage: ./setup.sh [groups]     ("test" for what the tests need, "test,torch", "test,peers" for the benchmarks)
set -eu
cd "$(dirname "$0")"
groups="${1:-}"

say() { printf 'setup: %s\n' "$*" >&2; }

find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$python" >/dev/null 2>&1 &&
            "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$python"
            return
        fi
    done
    say "Python 3.11 or newer is needed; install it (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python)."
    exit 1
}

# Prints the command that becomes root, or fails.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        echo env
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        echo sudo
    else
        return 1
    fi
}

apt_install() {
    root=$(as_root) || return 1
    command -v apt-get >/dev/null 2>&1 || return 1
    $root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null || true
    $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

libraries_missing() {
    "$1" - <<'PYTHON'
import sys
from ctypes.util import find_library

wanted = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
sys.exit(all(find_library(name) for name in wanted))
PYTHON
}

python=$(find_python)

# Asked of pip: a set-up that was interrupted, or a Python that was removed, leaves a .venv that is of no use.
if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        apt_install "python$version-venv" || apt_install python3-venv || {
            say "Python's venv is missing; install it (Debian, Ubuntu: apt-get install python3-venv)."
            exit 1
        }
        "$python" -m venv .venv
    fi
fi

if libraries_missing .venv/bin/python; then
    apt_install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 || {
        say "the PDF needs Pango and HarfBuzz; install them (Debian, Ubuntu: sudo apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; macOS: brew install pango; Fedora: dnf install pango)."
        exit 1
    }
fi

install() { .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "$@"; }

if [ -z "$groups" ]; then
    install -e .
else
    install --upgrade pip # the one that comes with Python 3.11 knows no groups
    # shellcheck disable=SC2046 # a group each
    install -e ".[watch,notebook,class]" $(printf -- ' --group %s' $(echo "$groups" | tr ',' ' '))
fi
