#!/usr/bin/env bats
# taskcost validate: every kind of bad file gets exit code 2, one sentence on standard error that
# names it, and nothing on standard output.

setup() {
    cd "$BATS_TEST_DIRNAME/../.." || return 1
    taskcost=$(realpath "${BUILD:-build}/taskcost")
    file=$BATS_TEST_TMPDIR/result.json
    bash tests/cli/data/make_result.sh >"$file"
}

# refused WORDS...: the command failed with 2 and one sentence that has all the words in it.
refused() {
    [ "$status" -eq 2 ]
    [ ! -s "$BATS_TEST_TMPDIR/out" ]
    [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
    for word in "$@"; do
        grep -qF -- "$word" "$BATS_TEST_TMPDIR/err" || { cat "$BATS_TEST_TMPDIR/err"; return 1; }
    done
}

taskcost() {
    status=0
    "$taskcost" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
}

@test "a valid file is said to be valid, with its number of measurements" {
    taskcost validate "$file"
    [ "$status" -eq 0 ]
    [ ! -s "$BATS_TEST_TMPDIR/err" ]
    [ "$(cat "$BATS_TEST_TMPDIR/out")" = "$file: valid taskcost-results version 1, 26 measurements" ]
}

@test "standard input is taken too" {
    run "$taskcost" validate - <"$file"
    [ "$status" -eq 0 ]
}

@test "a key that the schema does not name is allowed" {
    sed -i 's/"schema_version":1/"schema_version":1,"later":[]/' "$file"
    taskcost validate "$file"
    [ "$status" -eq 0 ]
}

@test "missing, a folder, empty" {
    taskcost validate "$BATS_TEST_TMPDIR/none.json"
    refused none.json "no such file"
    taskcost validate "$BATS_TEST_TMPDIR"
    refused folder
    : >"$file"
    taskcost validate "$file"
    refused result.json "truncated or empty"
}

@test "truncated anywhere" {
    size=$(stat -c %s "$file")
    for part in 1 2 3 4 5 6 7 8 9; do
        head -c $((size * part / 10)) "$file" >"$BATS_TEST_TMPDIR/cut.json"
        taskcost validate "$BATS_TEST_TMPDIR/cut.json"
        refused cut.json
    done
}

@test "NaN and infinity" {
    sed -i '0,/"samples":\[20\]/s//"samples":[NaN]/' "$file"
    taskcost validate "$file"
    refused result.json "NaN" "must be null" "line"
    sed -i 's/NaN/-Infinity/' "$file"
    taskcost validate "$file"
    refused "must be null"
}

@test "another schema, another version" {
    sed -i 's/taskcost-results/google-benchmark/' "$file"
    taskcost validate "$file"
    refused google-benchmark "expected 'taskcost-results'"
    bash tests/cli/data/make_result.sh | sed 's/"schema_version":1/"schema_version":2/' >"$file"
    taskcost validate "$file"
    refused "schema_version is 2" "version 1"
    taskcost validate results/published.json
    refused taskcost-published
}

@test "a wrong type, a missing key, a bad status: the place is named" {
    sed -i '0,/"tasks":10000/s//"tasks":"many"/' "$file"
    taskcost validate "$file"
    refused "/measurements/0/tasks" "expected integer, found 'many'"
    bash tests/cli/data/make_result.sh | sed '0,/"unit":"ns",/s///' >"$file"
    taskcost validate "$file"
    refused "/measurements/0" "the key 'unit' is missing"
    bash tests/cli/data/make_result.sh | sed '0,/"status":"ok"/s//"status":"fine"/' >"$file"
    taskcost validate "$file"
    refused "/measurements/0/status" "found 'fine'"
}

@test "a key that appears twice" {
    sed -i '0,/"seed":42/s//"seed":42,"seed":43/' "$file"
    taskcost validate "$file"
    refused result.json seed
}

@test "no file, two files, an unknown option" {
    taskcost validate
    refused "name the result file"
    taskcost validate "$file" "$file"
    refused "one result file at a time"
    taskcost validate --markdown "$file"
    refused --markdown
}
