#!/usr/bin/env bats
# scripts/install-deps.sh on machines made of fakes: a folder of stubs is the whole PATH, and a fake
# package manager "installs" by adding stubs to it.

setup() {
    script="$BATS_TEST_DIRNAME/../../scripts/install-deps.sh"
    bin="$BATS_TEST_TMPDIR/bin" stock="$BATS_TEST_TMPDIR/stock" log="$BATS_TEST_TMPDIR/log"
    lists="$BATS_TEST_TMPDIR/lists"
    mkdir -p "$bin" "$stock" "$lists"
    : >"$log"
    : >"$lists/deb.debian.org_main_Packages"
    for tool in sh cat find head env cp true; do ln -s "$(type -P "$tool")" "$bin/$tool"; done
    for tool in gcc make pkg-config gnuplot strace wrk bats valgrind bash git; do stub "$stock/$tool" 'exit 0'; done
    stub "$bin/id" 'echo 0'
}

stub() { # FILE BODY
    printf '#!/bin/sh\n%s\n' "$2" >"$1"
    chmod +x "$1"
}

manager() { # NAME [BODY]: logs its arguments, then installs everything unless it only refreshes
    stub "$bin/$1" "echo $1 \"\$@\" >>'$log'
case \"\$*\" in update | refresh | *\ refresh | makecache | -Sy) exit 0 ;; esac
${2:-cp '$stock'/* '$bin'}"
}

all_there() { cp "$stock"/* "$bin"; }

deps() { # ARGUMENT...: exit code in $status, both streams in files
    status=0
    env -i PATH="$bin" TASKCOST_APT_LISTS="$lists" "$bin/sh" "$script" "$@" \
        >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || status=$?
    out=$(cat "$BATS_TEST_TMPDIR/out") err=$(cat "$BATS_TEST_TMPDIR/err")
}

expect_command() { # MANAGER COMMAND: on a bare machine the command is shown, then run, once
    manager "$1"
    deps
    [ "$status" -eq 0 ]
    [ "$(cat "$log")" = "$2" ]
    [[ "$err" == *"+ $2"* ]]
    [ -z "$out" ]
}

@test "all there: nothing printed, nothing run" {
    all_there
    manager apt-get
    deps
    [ "$status" -eq 0 ]
    [ -z "$out" ]
    [ -z "$err" ]
    [ ! -s "$log" ]
}

@test "apt-get" {
    expect_command apt-get "apt-get install -y --no-install-recommends gcc libc6-dev make pkg-config libhwloc-dev libjansson-dev liburing-dev gnuplot-nox strace wrk libcmocka-dev bats valgrind bash git"
}

@test "dnf" {
    expect_command dnf "dnf install -y gcc glibc-devel make pkgconf-pkg-config hwloc-devel jansson-devel liburing-devel gnuplot strace libcmocka-devel bats valgrind bash git"
}

@test "pacman" {
    expect_command pacman "pacman -S --needed --noconfirm gcc make pkgconf hwloc jansson liburing gnuplot strace wrk cmocka bash-bats valgrind bash git"
}

@test "zypper" {
    expect_command zypper "zypper --non-interactive install gcc glibc-devel make pkg-config hwloc-devel libjansson-devel liburing-devel gnuplot strace libcmocka-devel bats valgrind bash git"
}

@test "apk" {
    expect_command apk "apk add gcc musl-dev make pkgconf hwloc-dev jansson-dev liburing-dev gnuplot font-dejavu strace wrk cmocka-dev bats valgrind bash git"
}

@test "only what is missing is installed" {
    all_there
    rm "$bin/gnuplot"
    expect_command apt-get "apt-get install -y --no-install-recommends gnuplot-nox"
}

@test "a library that pkg-config does not find is missing" {
    all_there
    stub "$bin/pkg-config" "[ \"\$2\" != jansson ] || [ -e '$bin/installed' ]"
    manager dnf ": >'$bin/installed'"
    deps
    [ "$status" -eq 0 ]
    [ "$(cat "$log")" = "dnf install -y jansson-devel" ]
}

@test "a compiler that cannot compile is missing" {
    all_there
    stub "$bin/gcc" 'exit 1'
    manager dnf
    deps --dry-run
    [ "$status" -eq 0 ]
    [ "$out" = "dnf install -y gcc glibc-devel" ]
}

@test "apt-get updates first when it has no package lists" {
    rm "$lists"/*
    manager apt-get
    deps
    [ "$status" -eq 0 ]
    [ "$(head -1 "$log")" = "apt-get update" ]
    [[ "$(sed -n 2p "$log")" == "apt-get install "* ]]
}

@test "apt-get updates first when its lists are old" {
    touch -d '30 days ago' "$lists"/*
    manager apt-get
    deps
    [ "$(head -1 "$log")" = "apt-get update" ]
}

@test "a failed installation is tried again after a refresh" {
    manager pacman "[ -e '$bin/tried' ] && cp '$stock'/* '$bin' || { : >'$bin/tried'; exit 1; }"
    deps
    [ "$status" -eq 0 ]
    [ "$(sed -n 2p "$log")" = "pacman -Sy" ]
    [ "$(wc -l <"$log")" -eq 3 ]
}

@test "an installation that keeps failing exits 1 and names the command" {
    manager dnf 'exit 1'
    deps
    [ "$status" -eq 1 ]
    [[ "$err" == *"the command failed: dnf install -y gcc"* ]]
}

@test "an installation that brings nothing exits 1 and names what is missing" {
    all_there
    rm "$bin/bats"
    manager dnf 'exit 0'
    deps
    [ "$status" -eq 1 ]
    [[ "$err" == *"still missing after installing: bats"* ]]
}

@test "neither root nor sudo: one sentence with the exact command, exit 2" {
    stub "$bin/id" 'echo 1000'
    manager apt-get
    deps
    [ "$status" -eq 2 ]
    [ -z "$out" ]
    [ ! -s "$log" ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
    [[ "$err" == *"as root run: apt-get install -y --no-install-recommends gcc"* ]]
}

@test "sudo that would ask, with nobody to answer, counts as none" {
    stub "$bin/id" 'echo 1000'
    stub "$bin/sudo" "echo sudo \"\$@\" >>'$log'; exit 1"
    manager dnf
    deps
    [ "$status" -eq 2 ]
    [ "$(cat "$log")" = "sudo -n true" ]
}

@test "sudo that does not ask is used" {
    stub "$bin/id" 'echo 1000'
    stub "$bin/sudo" 'shift; exec "$@"'
    manager dnf
    deps
    [ "$status" -eq 0 ]
    [[ "$(cat "$log")" == "dnf install -y gcc"* ]]
    [[ "$err" == *"+ sudo -n dnf install"* ]]
}

@test "no package manager: one sentence, exit 2" {
    deps
    [ "$status" -eq 2 ]
    [ -z "$out" ]
    [[ "$err" == *"none of apt-get, zypper, dnf, pacman and apk is here"* ]]
}

@test "--dry-run prints the command and runs nothing" {
    rm "$lists"/*
    stub "$bin/id" 'echo 1000'
    manager apt-get
    deps --dry-run
    [ "$status" -eq 0 ]
    [ ! -s "$log" ]
    [[ "$out" == "apt-get update && apt-get install -y "* ]]
}

@test "an unknown argument: one sentence, exit 2" {
    deps --dryrun
    [ "$status" -eq 2 ]
    [ -z "$out" ]
    [[ "$err" == *"'--dryrun'"* ]]
}

@test "--help names every option" {
    deps --help
    [ "$status" -eq 0 ]
    [[ "$out" == *--dry-run* ]]
    [ -z "$err" ]
}
