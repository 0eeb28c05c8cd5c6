#!/usr/bin/env bash
# Everything that is checked without running Beadle. What cannot be checked here is said, never silent.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
CARGO_BUILD_JOBS=$(packaging/setup.sh jobs)
export CARGO_BUILD_JOBS
# The exposure that systemd counts for the unit, in tenths; more than this fails.
exposure_max=15

step() { printf '\n== %s\n' "$*"; }
skipped() { printf 'skipped: %s\n' "$*"; }

for part in fmt clippy; do
    cargo "$part" --version >/dev/null 2>&1 || {
        printf 'beadle: cargo %s is missing: rustup component add rustfmt clippy\n' "$part" >&2
        exit 1
    }
done

step "format"
cargo fmt --all -- --check

step "lints, all features"
cargo clippy --release --locked --all-targets --all-features -- -D warnings
step "lints, no default features"
cargo clippy --release --locked --all-targets --no-default-features -- -D warnings

step "documentation"
RUSTDOCFLAGS="${RUSTDOCFLAGS:-} -D warnings" \
    cargo doc --release --locked --no-deps --document-private-items --all-features --quiet

step "dependencies: bans, licences, sources"
# The list of known weaknesses lies on GitHub, so it is asked for by name: cargo deny check advisories
if cargo deny --version >/dev/null 2>&1; then
    cargo deny --locked --all-features check --hide-inclusion-graph bans licenses sources
else
    skipped "cargo-deny is not installed (cargo install cargo-deny --locked)"
fi

step "scripts"
scripts=(.ci/run packaging/*.sh)
for script in "${scripts[@]}"; do bash -n "$script"; done
if command -v shellcheck >/dev/null 2>&1; then
    shellcheck "${scripts[@]}"
else
    skipped "shellcheck is not installed; only the syntax was checked"
fi

step "service unit"
if command -v systemd-analyze >/dev/null 2>&1; then
    packaging/check-unit.sh "$exposure_max"
else
    skipped "systemd-analyze is not on this machine"
fi
printf '\nmake check: all passed\n'
