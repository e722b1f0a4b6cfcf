#!/usr/bin/env bash
# Lint, types, import contracts and every test, one after the other; what is given is handed to pytest. All of them
# run even when one fails, and the exit code says whether any did.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

failed=()

stage() {
    local name=$1 begun=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    if "$@"; then
        printf -- '-- %s: passed, %d s\n' "$name" $((SECONDS - begun))
    else
        failed+=("$name")
        printf -- '-- %s: FAILED, %d s\n' "$name" $((SECONDS - begun))
    fi
}

stage 'Lint' .venv/bin/ruff check .
stage 'Format' .venv/bin/ruff format --check .
stage 'Types' .venv/bin/mypy
stage 'Import contracts' .venv/bin/lint-imports
# One worker a core; a file stays with one worker, so that what its tests share is made once.
stage 'Tests' .venv/bin/python -m pytest -n auto --dist loadfile "$@"

if [ ${#failed[@]} -gt 0 ]; then
    printf '\nFailed: %s\n' "$(printf '%s, ' "${failed[@]}" | sed 's/, $//')"
    exit 1
fi
