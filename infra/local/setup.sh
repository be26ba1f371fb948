#!/bin/sh
# Makes the three Python environments of this clone under .roster/env: dev (tests, linters and
# the command line), sam (SAM CLI pins half of PyPI) and emulator (the local cloud pins botocore).
# Running it again costs nothing: each environment carries a stamp of what it was made from.
set -u
cd "$(dirname "$0")/../.." || exit 1
ENVIRONMENTS=.roster/env
LOGS=.roster/logs

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

# make NAME: the environment from nothing, so that what is there is what the pins say.
make_environment() {
    name=$1
    environment=$ENVIRONMENTS/$name
    log=$LOGS/setup-$name.log
    rm -rf "$environment"
    "$PYTHON_FOUND" -m venv "$environment" >"$log" 2>&1 ||
        die "python -m venv failed: see $log (on Debian and Ubuntu install python3.13-venv)"
    install "$environment" --require-hashes -r "requirements/$name.txt" >>"$log" 2>&1 ||
        die "cannot install requirements/$name.txt: check the network or the package index pip is set to, then run again (details: $log)"
    stamp "$name" >"$environment/.made-from"
}

# A virtual environment holds absolute paths, so a moved clone needs new ones.
stamp() {
    echo "$VERSION $PWD $(checksum "requirements/$1.txt")"
}

PYTHON_FOUND=$(find_python) || exit 1
VERSION=$(version_of "$PYTHON_FOUND")
mkdir -p "$ENVIRONMENTS" "$LOGS" || die "cannot write to .roster: check the folder's permissions"

missing=
for name in dev sam emulator; do
    # Half-made ones have no stamp.
    if [ "$(cat "$ENVIRONMENTS/$name/.made-from" 2>/dev/null)" != "$(stamp "$name")" ]; then
        missing="$missing $name"
    fi
done
if [ -n "$missing" ]; then
    echo "Python $VERSION ($PYTHON_FOUND)"
    echo "Making the environments:$missing (a minute or two, once) ..."
    # At once: each waits for the network most of the time.
    running=
    for name in $missing; do
        make_environment "$name" 2>"$LOGS/setup-$name.refusal" &
        running="$running $name:$!"
    done
    refusal=
    for process in $running; do
        wait "${process#*:}" || refusal=${refusal:-$LOGS/setup-${process%:*}.refusal}
    done
    # All three usually fail for one reason: say it once.
    if [ -n "$refusal" ]; then
        head -n 1 "$refusal" >&2
        exit 1
    fi
fi

# The project itself, importable from where it lies.
installed=$ENVIRONMENTS/dev/.project-from
if [ "$(cat "$installed" 2>/dev/null)" != "$(checksum pyproject.toml)" ]; then
    install "$ENVIRONMENTS/dev" --no-build-isolation --no-deps -e . >"$LOGS/setup-project.log" 2>&1 ||
        die "cannot install the project itself: see $LOGS/setup-project.log"
    checksum pyproject.toml >"$installed"
fi
