#!/usr/bin/env bash
# Licences, bans and sources of all dependencies (deny.toml), offline. Installs cargo-deny into .cache when it is missing.
# `scripts/deny.sh advisories` asks the advisory database as well, which needs more than the package registries.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.20.2
deny=$(command -v cargo-deny || true)
if [ -z "$deny" ]; then
    deny=$PWD/.cache/tools/bin/cargo-deny
    if [ ! -x "$deny" ]; then
        cargo install cargo-deny --version "$version" --locked --root .cache/tools --quiet
    fi
fi
"$deny" check licenses bans sources "$@"
