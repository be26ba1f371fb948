#!/bin/sh
# Compiles pyproject.toml into the pinned, hashed requirements. What is pinned stays as it is
# unless pyproject.toml asks for something else; UPGRADE=yes takes the newest of everything.
set -eu
cd "$(dirname "$0")/../.."

if ! command -v uv >/dev/null 2>&1; then
    TOOL=.roster/env/pins
    if [ ! -x "$TOOL/bin/uv" ]; then
        .roster/env/dev/bin/python -m venv "$TOOL"
        "$TOOL/bin/python" -m pip install --quiet --disable-pip-version-check uv
    fi
    PATH="$PWD/$TOOL/bin:$PATH"
fi

# No index addresses and no header: a lock file must not say where it was made.
compile() {
    output=$1
    shift
    uv pip compile --quiet --python-version 3.13 --generate-hashes --no-emit-index-url --no-header \
        ${UPGRADE:+--upgrade} --output-file "$output" "$@"
    echo "$output"
}

RUNTIME=layers/dependencies/requirements.txt
compile "$RUNTIME" pyproject.toml
# The functions that carry these layers carry the other one too: nothing is to ship twice.
SHIPPED=$(sed -n 's/^\([a-z0-9.-]*\)==.*/--no-emit-package \1/p' "$RUNTIME")
# shellcheck disable=SC2086 # one word per argument, on purpose
compile layers/quickbooks/requirements.txt pyproject.toml --extra quickbooks --constraint "$RUNTIME" $SHIPPED
# shellcheck disable=SC2086 # as above
compile layers/papers/requirements.txt pyproject.toml --extra papers --constraint "$RUNTIME" $SHIPPED
# shellcheck disable=SC2086 # as above
compile layers/workbooks/requirements.txt pyproject.toml --extra workbooks --constraint "$RUNTIME" $SHIPPED
compile requirements/dev.txt pyproject.toml --extra quickbooks --extra papers --extra workbooks --group dev \
    --constraint "$RUNTIME"
# Two environments apart: neither knows the project's own dependencies.
compile requirements/emulator.txt --group pyproject.toml:emulator
compile requirements/sam.txt --group pyproject.toml:sam
