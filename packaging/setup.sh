#!/usr/bin/env bash
# Checks that this machine can build Beadle, and installs what is missing where it may.
#
#   packaging/setup.sh build   what a build needs: a C compiler, make, Rust
#   packaging/setup.sh test    the same, and Python with venv (one test drives the simulator with aiogram)
#   packaging/setup.sh needs   says what the first build costs in time, memory and disk
#   packaging/setup.sh jobs    prints how many compilers the free memory can hold
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# What the first release build takes on 2 cores, with some room; docs/figures.md says how it was measured.
build_minutes=5
build_memory_mb=1500
build_disk_mb=1500
# Memory one compiler may want at its worst.
job_mb=1200

say() { printf 'beadle: %s\n' "$*"; }
fail() {
    printf 'beadle: %s\n' "$1" >&2
    shift
    if [ "$#" -gt 0 ]; then printf '%s\n' "$@" >&2; fi
    exit 1
}

# Free memory in MB: what the kernel could give, or what is left of a container's limit.
memory_mb() {
    local free limit used left
    free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' "${BEADLE_MEMINFO:-/proc/meminfo}" 2>/dev/null || true)
    free=${free:-2400}
    if limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null) && [ "$limit" != max ]; then
        used=$(cat /sys/fs/cgroup/memory.current 2>/dev/null || echo 0)
        left=$(((limit - used) / 1048576))
        if [ "$left" -lt "$free" ]; then free=$left; fi
    fi
    echo "$free"
}

jobs() {
    local cores jobs
    cores=$(nproc 2>/dev/null || echo 1)
    jobs=$(($(memory_mb) / job_mb))
    if [ "$jobs" -gt "$cores" ]; then jobs=$cores; fi
    if [ "$jobs" -lt 1 ]; then jobs=1; fi
    # A smaller number in the environment wins.
    if [ "${CARGO_BUILD_JOBS:-0}" -gt 0 ] 2>/dev/null && [ "$CARGO_BUILD_JOBS" -lt "$jobs" ]; then
        jobs=$CARGO_BUILD_JOBS
    fi
    echo "$jobs"
}

# The folder cargo writes to, or the nearest part of its path that exists.
target_dir() {
    local dir=${CARGO_TARGET_DIR:-$here/target}
    while [ ! -d "$dir" ]; do dir=$(dirname "$dir"); done
    echo "$dir"
}

disk_mb() { df -Pm "$(target_dir)" | awk 'NR == 2 { print $4 }'; }

needs() {
    say "the first build takes about $build_minutes minutes on 2 cores, ${build_memory_mb} MB of memory and ${build_disk_mb} MB of disk; later ones take seconds"
    say "here: $(nproc 2>/dev/null || echo '?') cores, $(memory_mb) MB of memory free, $(disk_mb) MB of disk free; compilers at once: $(jobs)"
    if [ "$(memory_mb)" -lt "$build_memory_mb" ]; then
        say "there is little memory: the build may be killed; free some, or add swap"
    fi
}

check_disk() {
    local target=${CARGO_TARGET_DIR:-$here/target}
    # Built before: only what changed is written.
    if [ -d "$target/release/deps" ]; then return; fi
    if [ "$(disk_mb)" -lt "$build_disk_mb" ]; then
        fail "the build needs $build_disk_mb MB and there are only $(disk_mb) MB free on the disk of $(target_dir)." \
            "Free some, or name a folder on another disk: CARGO_TARGET_DIR=/path make …"
    fi
}

# Whether the C compiler can make a program: some machines have gcc without the headers of libc.
has_cc() {
    local dir ok=1
    command -v "${CC:-cc}" >/dev/null 2>&1 || return 1
    dir=$(mktemp -d)
    printf '#include <stdio.h>\nint main(void) { return puts("ok") < 0; }\n' >"$dir/a.c"
    "${CC:-cc}" -o "$dir/a" "$dir/a.c" >/dev/null 2>&1 && ok=0
    rm -rf "$dir"
    return "$ok"
}

has_python() {
    # ensurepip is what Debian leaves out of python3 and puts into python3-venv.
    command -v python3 >/dev/null 2>&1 && python3 -c 'import venv, ensurepip' >/dev/null 2>&1
}

# Installs Debian packages, or names the command and ends.
install() {
    local command="apt-get install -y --no-install-recommends $*"
    if ! command -v apt-get >/dev/null 2>&1; then
        fail "this machine lacks: $* (names of Debian packages)." \
            "Install them with your system's package manager, then start again."
    fi
    if [ "$(id -u)" -eq 0 ]; then
        as=()
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as=(sudo -n)
    else
        fail "this machine lacks: $*. As root, run:" "" "    apt-get update && $command" "" \
            "(or with sudo before each apt-get), then start again."
    fi
    say "installing $*"
    # `env` carries the setting through sudo.
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null ||
        say "apt-get update failed; trying with the lists that are there"
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null ||
        fail "apt-get could not install $*: see its message above."
}

# 0 when version $1 is at least $2; both as in 1.95.0.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

check_rust() {
    local want have
    want=$(sed -n 's/^rust-version *= *"\(.*\)"/\1/p' "$here/Cargo.toml")
    # rustup puts it there, and a shell that was open before does not know.
    PATH="$PATH:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin"
    if ! command -v cargo >/dev/null 2>&1 || ! command -v rustc >/dev/null 2>&1; then
        fail "Rust is missing; Beadle needs $want or newer. Debian 13 and newer have rustup:" "" \
            "    apt-get install rustup && rustup default stable" "" \
            "Elsewhere (Debian 12's own Rust is too old) use https://rustup.rs:" "" \
            "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal" "" \
            "Then start again, in a new shell."
    fi
    have=$(rustc --version 2>/dev/null | awk '{ print $2 }')
    have=${have%%-*}
    if [ -z "$have" ]; then
        fail "rustc does not answer. With rustup, choose a toolchain: rustup default stable"
    fi
    if ! at_least "$have" "$want"; then
        if command -v rustup >/dev/null 2>&1; then
            fail "Rust $have is too old, Beadle needs $want or newer:" "" \
                "    rustup update stable && rustup default stable"
        fi
        fail "Rust $have ($(command -v rustc)) is too old, Beadle needs $want or newer." \
            "Debian's own package lags behind; get a new one beside it with https://rustup.rs:" "" \
            "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal"
    fi
}

packages() {
    local lacking=()
    has_cc || lacking+=(gcc libc6-dev)
    command -v make >/dev/null 2>&1 || lacking+=(make)
    if [ "$1" = test ]; then
        has_python || lacking+=(python3 python3-venv)
    fi
    if [ "${#lacking[@]}" -gt 0 ]; then
        install "${lacking[@]}"
        has_cc || fail "the C compiler (${CC:-cc}) still cannot make a program; try: ${CC:-cc} --version"
    fi
}

case "${1:-}" in
jobs) jobs ;;
needs) needs ;;
build | test)
    check_disk
    packages "$1"
    check_rust
    ;;
*) fail "usage: packaging/setup.sh build | test | needs | jobs" ;;
esac
