#!/usr/bin/env bash
# Checks systemd/beadle.service: no mistakes, and an exposure of at most $1 tenths.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
max=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# `verify` wants the program to exist; on a machine that builds it is not installed.
sed "s|^ExecStart=[^ ]*|ExecStart=$(command -v true)|" systemd/beadle.service >"$dir/beadle.service"
found=$(systemd-analyze verify "$dir/beadle.service" 2>&1 | grep -F "beadle.service" || true)
if [ -n "$found" ]; then
    printf '%s\n' "$found" >&2
    exit 1
fi
# Offline the same directives are counted as on a running system.
systemd-analyze security --offline=true --no-pager --threshold="$max" "$dir/beadle.service" >"$dir/report" || {
    cat "$dir/report" >&2
    exit 1
}
tail -n 1 "$dir/report"
