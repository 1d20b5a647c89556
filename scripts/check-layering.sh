#!/usr/bin/env bash
# Refuses an include that the design forbids. The include paths of the Makefile already stop most
# wrong arrows; this also stops relative paths ("../") and libraries outside their one file.
set -u
cd "$(dirname "$0")/.." || exit 1
bad=0

# allow FOLDER 'REGEX of quoted includes it may use' (its own headers, named without a slash, are free)
allow() {
    local folder=$1 pattern=$2 file line
    while IFS=: read -r file line text; do
        echo "$file:$line: $folder must not include $text"
        bad=1
    done < <(grep -rnoE '^ *# *include +"[^"]+"' --include='*.[ch]' "$folder" 2>/dev/null |
        sed -E 's/# *include +"([^"]+)"/\1/; s/: +/:/' |
        grep -vE ":([a-z_0-9]+\.(h|def)|$pattern)\$")
}

allow base 'base/.*'
allow runtime '(base|rt)/.*'
allow threads_baseline '(base|tb)/.*'
allow http '(base|http)/.*'
allow bench/harness '(base|harness)/.*'
allow bench/models '(base|rt|tb|harness)/.*'
allow bench/workloads '(base|harness|http)/.*'
allow bench/worker '(base|harness)/.*'
allow bench/taskcost '(base|harness)/.*'
allow examples '(base|rt|tb|http)/.*'

# only LIBRARY-HEADER FILE...: no other source may include it
only() {
    local header=$1 found
    shift
    found=$(grep -rlE "^ *# *include +<$header>" --include='*.[ch]' base runtime threads_baseline http bench 2>/dev/null |
        grep -vxF "$(printf '%s\n' "$@")")
    [ -z "$found" ] && return
    echo "only $* may include <$header>, but so does: $found"
    bad=1
}
only 'hwloc.*' bench/harness/src/topology_internal.h bench/harness/src/placement_bind.c
only jansson.h bench/harness/src/json.c
only liburing.h runtime/src/uring.h

# Every workload file has its line in workloads.def, and every line its file.
# shellcheck disable=SC2013 # names have no blanks
for name in $(sed -nE 's/^WORKLOAD\((.*)\)$/\1/p' bench/workloads/workloads.def); do
    [ -e "bench/workloads/$name.c" ] || { echo "workloads.def names $name, but bench/workloads/$name.c is not there"; bad=1; }
done
for file in bench/workloads/*.c; do
    name=$(basename "$file" .c)
    [ "$name" = TEMPLATE ] || grep -q "^WORKLOAD($name)\$" bench/workloads/workloads.def ||
        { echo "$file has no line in workloads.def"; bad=1; }
done
exit $bad
