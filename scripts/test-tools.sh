#!/usr/bin/env bash
# Installs what the tests need beside the toolchain, into folders git ignores: the published SDKs and DuckDB.
# Prints the variables that name them, to be evaluated by the caller.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=$(cksum e2e/python/requirements.txt)
if [ "$(cat .cache/python/.installed 2>/dev/null)" != "$wanted" ]; then
    if ! python3 -m venv --clear .cache/python >&2; then
        scripts/debian.sh python3-venv
        python3 -m venv --clear .cache/python >&2
    fi
    .cache/python/bin/pip install -q --disable-pip-version-check -r e2e/python/requirements.txt >&2
    echo "$wanted" >.cache/python/.installed
fi
wanted=$(cksum e2e/node/package-lock.json)
if [ "$(cat e2e/node/node_modules/.installed 2>/dev/null)" != "$wanted" ]; then
    (cd e2e/node && npm ci --no-audit --no-fund --loglevel=error >&2)
    echo "$wanted" >e2e/node/node_modules/.installed
fi
echo "export LIFTGATE_PYTHON='$PWD/.cache/python/bin/python' LIFTGATE_NODE='$PWD/e2e/node'"
