#!/usr/bin/env bats
# The program itself: help, version, and the one sentence that wrong use gets.

load driver.bash
setup() { driver_setup; }

@test "--help lists every command" {
    capture "$taskcost" --help
    [ "$code" -eq 0 ]
    while read -r name; do
        grep -qE "^  $name +[a-z]" out
    done < <(sed -nE 's/^COMMAND\((.*)\)$/\1/p' "$root/bench/taskcost/commands.def")
    [ ! -s err ]
}

@test "every command has --help of the same shape" {
    while read -r name; do
        capture "$taskcost" "$name" --help
        [ "$code" -eq 0 ]
        [ ! -s err ]
        head -1 out | grep -qE "^usage: taskcost $name"
        cp out long
        capture "$taskcost" help "$name"
        cmp out long
        capture "$taskcost" "$name" -h
        cmp out long
    done < <(sed -nE 's/^COMMAND\((.*)\)$/\1/p' "$root/bench/taskcost/commands.def")
}

@test "help fits a terminal of 100 columns" {
    for name in "" $(sed -nE 's/^COMMAND\((.*)\)$/\1/p' "$root/bench/taskcost/commands.def"); do
        # shellcheck disable=SC2086
        "$taskcost" $name --help | awk 'length > 100 { print; bad = 1 } END { exit bad }'
    done
}

@test "--version names version and commit" {
    capture "$taskcost" --version
    [ "$code" -eq 0 ]
    grep -qE '^taskcost [0-9]+\.[0-9]+\.[0-9]+ \(.+\)$' out
}

@test "no command, unknown commands and options" {
    refused "name a command" "$taskcost"
    refused "there is no command 'rnu'; did you mean 'run'?" "$taskcost" rnu
    refused "there is no command 'frobnicate'; the commands are list, topology, doctor, run" "$taskcost" frobnicate
    refused "there is no command ''" "$taskcost" ''
    refused "unknown option '--verbose'" "$taskcost" --verbose
    refused "there is no command 'nothing'" "$taskcost" help nothing
}

@test "a full standard output is told" {
    [ -e /dev/full ] || skip "no /dev/full"
    code=0
    "$taskcost" --help >/dev/full 2>err || code=$?
    [ "$code" -eq 2 ]
    says err "cannot write to standard output: No space left on device"
}

@test "a reader that goes away ends it quietly" {
    "$taskcost" --help 2>err | true
    [ ! -s err ]
}
