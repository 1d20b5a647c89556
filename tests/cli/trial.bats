#!/usr/bin/env bats
# The trial of crashes, with fewer of them than `make trial` has.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    export BUILD=${BUILD:-build}
}

@test "runs that are killed, that cannot be saved, and two into one file" {
    run scripts/trial-crash.sh 20
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output == *"kill -9 at 20 random moments"*"two runs into one file: the second was refused"* ]]
}

@test "wrong use" {
    run scripts/trial-crash.sh many
    [ "$status" -eq 2 ]
    [[ $output == "trial-crash: 'many' is not how many times to kill"* ]]
}
