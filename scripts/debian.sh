#!/usr/bin/env bash
# Installs Debian packages: `scripts/debian.sh PACKAGE…`.
set -euo pipefail
sudo=$([ "$(id -u)" = 0 ] || echo sudo)
$sudo apt-get update -qq >&2
$sudo apt-get install -y -qq "$@" >&2
