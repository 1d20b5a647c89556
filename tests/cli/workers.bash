# What the tests of the real workers share. Sourced by workers and parity.

workers_setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    build=${BUILD:-build}
    [[ $build == /* ]] || build=$root/$build
    workers=$build
    cd "$BATS_TEST_TMPDIR" || return 1
}

# look PATH...: values in the JSON object that the last worker printed (in the file out).
look() { "$build/tests/json-look" out "$@"; }

# holds PATH VALUE: one of them is that.
holds() {
    local found
    found=$(look "$1") || return 1
    [ "$found" = "$2" ] || { echo "$1 is '$found' and must be '$2' in:"; cat out; return 1; }
}

# worker MODEL ARGUMENT...: its exit code in $code, its two streams in the files out and err.
# Descriptor 3 is bats' own and is kept from what runs on.
worker() {
    local model=$1
    shift
    code=0
    "$workers/worker-$model" "$@" >out 2>err 3>&- || code=$?
}

# delivered STATUS: the last worker printed one whole object of the protocol with that status.
delivered() {
    [ "$code" -eq 0 ] || { echo "exit code $code"; cat err; return 1; }
    [ ! -s err ] || { echo "on standard error: $(cat err)"; return 1; }
    holds protocol taskcost-worker && holds protocol_version 1 && holds status "$1"
}

# sanitized: whether the workers are built for a sanitizer, whose shadow memory and threads change
# what the machine allows.
sanitized() {
    "$workers/worker-floor" run null --laps 1 >null.json
    [ "$("$build/tests/json-look" null.json observed.build)" = sanitized ]
}

# workloads MODEL [unsupported]: the names of those it can run, or can't, a line each.
workloads() {
    local count i list=${2:-workloads} paths=()
    "$workers/worker-$1" list >list.json
    count=$("$build/tests/json-look" list.json -s "$list")
    for ((i = 0; i < count; i++)); do paths+=("$list.$i.name"); done
    [ "$count" -eq 0 ] || "$build/tests/json-look" list.json "${paths[@]}"
}

# at_most WORKLOAD N: N, or the most tasks that the workload takes, by the last list of workloads().
at_most() {
    local most
    most=$(awk -v name="\"$1\"," '/^      "name":/ { found = $2 == name }
        found && /^      "tasks_max":/ { sub(",", "", $2); print $2 }' list.json) # a workload's own keys
    echo $((${most:-$2} < $2 ? most : $2))
}
