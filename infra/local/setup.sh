#!/bin/sh
# Makes the three Python environments of this clone under .roster/env: dev (tests, linters and
# the command line), sam (SAM CLI pins half of PyPI) and emulator (the local cloud pins botocore).
# Running it again costs nothing: each environment carries a stamp of what it was made from.
set -u
cd "$(dirname "$0")/../.." || exit 1
ENVIRONMENTS=.roster/env
LOG=.roster/logs/setup.log

die() {
    echo "setup: $*" >&2
    exit 1
}

# Prints the version when the interpreter really runs and is 3.13: a pyenv shim may be on PATH
# and still exit 127.
version_of() {
    "$1" -c 'import sys, venv, ensurepip; v = sys.version_info
if v[:2] != (3, 13): raise SystemExit(1)
print("%d.%d.%d" % v[:3])' 2>/dev/null
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        version_of "$PYTHON" >/dev/null ||
            die "PYTHON=$PYTHON is not a working Python 3.13: point PYTHON at one, or unset it"
        # The name may be looked up on PATH now and gone from it inside an environment.
        command -v "$PYTHON"
        return
    fi
    if version_of python3.13 >/dev/null; then
        # Through the interpreter itself: what a shim stands for, not the shim.
        python3.13 -c 'import sys; print(sys.executable)'
        return
    fi
    for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python "$HOME"/.pyenv/versions/3.13*/bin/python; do
        if [ -x "$candidate" ] && version_of "$candidate" >/dev/null; then
            echo "$candidate"
            return
        fi
    done
    die "no Python 3.13 found: install it (for example 'pyenv install 3.13') or run with PYTHON=/path/to/python3.13"
}

checksum() {
    "$PYTHON_FOUND" -c 'import hashlib, sys
print(hashlib.sha256(b"".join(open(f, "rb").read() for f in sys.argv[1:])).hexdigest())' "$@"
}

# install ENVIRONMENT ARGUMENTS…: uv where it is there (faster), pip otherwise.
install() {
    environment=$1
    shift
    if command -v uv >/dev/null 2>&1; then
        uv pip install --quiet --python "$environment/bin/python" "$@"
    else
        "$environment/bin/python" -m pip install --quiet --disable-pip-version-check \
            --no-input "$@"
    fi
}

PYTHON_FOUND=$(find_python) || exit 1
VERSION=$(version_of "$PYTHON_FOUND")
mkdir -p "$ENVIRONMENTS" .roster/logs || die "cannot write to .roster: check the folder's permissions"
announced=

for name in dev sam emulator; do
    environment=$ENVIRONMENTS/$name
    requirements=requirements/$name.txt
    # A virtual environment holds absolute paths, so a moved clone needs new ones.
    stamp="$VERSION $PWD $(checksum "$requirements")"
    [ "$name" = dev ] && stamp="$stamp $(checksum pyproject.toml)"
    if [ "$(cat "$environment/.made-from" 2>/dev/null)" = "$stamp" ]; then
        continue
    fi
    if [ -z "$announced" ]; then
        echo "Python $VERSION ($PYTHON_FOUND)"
        announced=yes
    fi
    echo "Making the environment $name ..."
    # Half-made or outdated: from nothing, so that what is there is what the pins say.
    rm -rf "$environment"
    "$PYTHON_FOUND" -m venv "$environment" >"$LOG" 2>&1 ||
        die "python -m venv failed: see $LOG (on Debian and Ubuntu install python3.13-venv)"
    install "$environment" --require-hashes -r "$requirements" >>"$LOG" 2>&1 ||
        die "cannot install $requirements: check the network or the package index pip is set to, then run again (details: $LOG)"
    if [ "$name" = dev ]; then
        install "$environment" --no-build-isolation --no-deps -e . >>"$LOG" 2>&1 ||
            die "cannot install the project itself: see $LOG"
    fi
    echo "$stamp" >"$environment/.made-from"
done
