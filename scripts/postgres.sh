#!/usr/bin/env bash
# A throw-away Postgres for tests: `scripts/postgres.sh run COMMAND…` starts a cluster in a temporary folder, runs the
# command with LIFTGATE_TEST_POSTGRES set, and removes the cluster whatever happens. Installs Postgres when missing.
set -euo pipefail

find_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

bin=$(find_bin)
if [ -z "$bin" ] || [ ! -x "$bin/initdb" ]; then
    echo "Installing Postgres from Debian's packages" >&2
    "$(dirname "$0")/debian.sh" postgresql
    bin=$(find_bin)
fi

folder=$(mktemp -d /tmp/liftgate-postgres.XXXXXX)
# initdb refuses to run as root.
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as() { runuser -u postgres -- "$@"; }
else
    as() { "$@"; }
fi
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
stop() {
    as "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
cd "$folder"
as "$bin/initdb" -D "$folder/data" -A trust -U postgres --no-sync >/dev/null
as "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
    -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=400" \
    start >/dev/null
cd "$OLDPWD"
shift
LIFTGATE_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres" "$@"
