# What the driver's command-line tests share. Sourced by run, list, topology, usage and interrupt.

driver_setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    build=${BUILD:-build}
    [[ $build == /* ]] || build=$root/$build
    export taskcost=$build/taskcost
    mkdir "$BATS_TEST_TMPDIR/workers"
    ln -s "$build/tests/worker-fake" "$BATS_TEST_TMPDIR/workers/worker-fake"
    export TASKCOST_WORKERS=$BATS_TEST_TMPDIR/workers
    unset HWLOC_SYNTHETIC HWLOC_XMLFILE HWLOC_THISSYSTEM
    cd "$BATS_TEST_TMPDIR" || return 1
}

# capture COMMAND...: its exit code in $code, its two streams in the files out and err. Descriptor 3
# is bats' own and is kept from what runs on.
capture() {
    code=0
    "$@" >out 2>err 3>&- || code=$?
}

# refused SENTENCE COMMAND...: exit code 2, nothing on standard output, one line that holds SENTENCE.
refused() {
    local sentence=$1
    shift
    capture "$@"
    [ "$code" -eq 2 ] || { echo "exit code $code: $*"; cat err; return 1; }
    [ ! -s out ] || { echo "on standard output: $(head -3 out)"; return 1; }
    [ "$(wc -l <err)" -eq 1 ] || { echo "not one line: $(cat err)"; return 1; }
    grep -qF -- "$sentence" err || { echo "no '$sentence' in: $(cat err)"; return 1; }
}

# says FILE TEXT...: every TEXT is in it, literally.
says() {
    local file=$1 text
    shift
    for text in "$@"; do
        grep -qF -- "$text" "$file" || { echo "no '$text' in $file:"; head -40 "$file"; return 1; }
    done
}

# no_workers: waits until none of this test's workers is alive. A zombie, which only its parent has
# yet to notice, has no command line. The pattern is in a file so that grep does not find itself.
no_workers() {
    local alive
    echo "$TASKCOST_WORKERS/worker-" >"$BATS_TEST_TMPDIR/pattern"
    for _ in $(seq 200); do
        alive=$(grep -alsF -f "$BATS_TEST_TMPDIR/pattern" /proc/[0-9]*/cmdline || true)
        [ -z "$alive" ] && return 0
        sleep 0.05
    done
    echo "still alive: $alive"
    return 1
}
