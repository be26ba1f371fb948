#!/bin/sh
# Everything that can be said about the code without running it. All of it runs; the summary at
# the end names what is not clean.
cd "$(dirname "$0")/../.." || exit 1
BIN=.roster/env/dev/bin
SAM=.roster/env/sam/bin/sam
failed=

step() {
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed, $name"
}

step "ruff check" "$BIN/ruff" check .
step "ruff format" "$BIN/ruff" format --check .
step "mypy" "$BIN/mypy"
step "import rules" "$BIN/lint-imports"
# SAM wants a region and, without credentials, would look for them on the network.
step "sam validate" env SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=us-east-1 \
    AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_EC2_METADATA_DISABLED=true \
    "$SAM" validate --lint
step "cfn-lint" "$BIN/cfn-lint" infra/template.yaml

if [ -n "$failed" ]; then
    echo "Not clean: ${failed#, }" >&2
    exit 1
fi
echo "All clean."
