#!/usr/bin/env bats
# The manual and every command's --help name the same commands and the same options.

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    build=${BUILD:-build}
    [[ $build == /* ]] || build=$root/$build
    taskcost=$build/taskcost
    page=$BATS_TEST_TMPDIR/page
    # The source without the escapes that can stand inside a word.
    sed -E 's/\\-/-/g; s/\\f[BIRP]//g' "$root/docs/taskcost.1" >"$page"
}

commands() { "$taskcost" --help | sed -nE '/^commands:/,/^$/s/^  ([a-z]+) .*/\1/p'; }

section() { sed -n "/^\.SS $1\$/,/^\.S[SH] /p" "$page" | sed '2,${/^\.S[SH] /d}'; }

# Long and short options that are defined in a text: those that stand where a definition begins.
options_of_help() { "$taskcost" "$1" --help | grep -E '^ +-' | grep -oE '^ +-[^ ,]+(, --[a-z-]+)?' | grep -oE -- '--?[a-z-]+' | sort -u; }
options_of_page() { section "$1" | grep -A1 '^\.TP' | grep -oE -- '(^|[ "])--?[a-z][a-z-]*' | tr -d ' "' | sort -u; }

@test "the manual has every command, and no other" {
    diff <(commands | sort) <(sed -nE 's/^\.SS ([a-z]+)$/\1/p' "$page" | sort)
    [ "$(commands | wc -l)" -ge 7 ]
}

@test "the manual has every option of every command, and no other" {
    for command in $(commands); do
        echo "$command:"
        diff <(options_of_help "$command") <(options_of_page "$command")
    done
    [ "$(options_of_page run | wc -l)" -ge 8 ]
}

@test "every option of a synopsis is explained" {
    for command in $(commands); do
        for option in $("$taskcost" "$command" --help | head -1 | grep -oE -- '(^|[[ ])--?[a-z][a-z-]*' | tr -d '[ '); do
            echo "$command $option"
            options_of_page "$command" | grep -qx -- "$option"
        done
    done
}

@test "the manual has every exit code and variable that the helps name" {
    for name in $(for command in $(commands); do "$taskcost" "$command" --help; done | grep -oE '\b(TASKCOST|HWLOC)_[A-Z]+' | sort -u); do
        echo "$name"
        grep -q "$name" "$page"
    done
    for code in $("$taskcost" --help | sed -n 's/^Exit codes: //p' | grep -oE '[0-9]+'); do
        echo "exit code $code"
        grep -qx "\.B $code" "$page"
    done
}

@test "man finds nothing to complain about" {
    command -v man >/dev/null || skip "man is not installed"
    run man --warnings --local-file "$root/docs/taskcost.1"
    [ "$status" -eq 0 ]
    [[ "$output" != *warning* ]]
}

@test "the manual tells the version of the program" {
    [[ "$(sed -n 's/^\.TH //p' "$page")" == *"\"$("$taskcost" --version | cut -d' ' -f1,2)\""* ]]
}
