#!/usr/bin/env bats
#
# The instructions that a switch, a spawn and a message take: within 2 % of their budget.

setup() {
    cd "$BATS_TEST_DIRNAME/../.."
    ! nm "$BUILD/worker-async" | grep -q __sanitizer_ || skip "a sanitizer's instructions are not ours"
}

@test "no operation takes more instructions than its budget, nor fewer" {
    run scripts/instructions.sh
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "a budget that is 3 % off is found out" {
    grep -E '^#count switch-yield|^#platform' tests/budget/instructions.tsv >"$BATS_TEST_TMPDIR/budget"
    awk -F'\t' -v OFS='\t' '$2 == "switch-yield" { $4 *= 1.03; print }' tests/budget/instructions.tsv \
        >>"$BATS_TEST_TMPDIR/budget"
    BUDGET=$BATS_TEST_TMPDIR/budget run scripts/instructions.sh
    echo "$output"
    case $output in *"no budget for"*) skip "this compiler has no budget" ;; esac
    [ "$status" -eq 1 ]
}
