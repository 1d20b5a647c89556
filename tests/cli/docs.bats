#!/usr/bin/env bats
#
# The documents: every figure in them is what their result files give.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
}

@test "README, findings and method are what docs/reference gives" {
    run scripts/update-docs.sh --check
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "a page with another figure is found out" {
    cp -r README.md docs scripts "$BATS_TEST_TMPDIR"
    cd "$BATS_TEST_TMPDIR"
    case $BUILD in /*) ;; *) BUILD=$OLDPWD/$BUILD ;; esac
    export BUILD
    # The first figure of the first table of verdicts.
    sed -i '0,/| 1 | create a task | async | 300 ns |/s//| 1 | create a task | async | 301 ns |/' README.md
    run scripts/update-docs.sh --check
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == *README.md* ]]
}
