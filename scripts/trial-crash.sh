#!/usr/bin/env bash
# Whether a run survives what can happen to it, tried out: the file is whole at every moment, nothing
# that was saved is lost, and --resume finishes it with every planned round there.
#
#   scripts/trial-crash.sh [KILLS]     kill -9 at so many random moments (default 200)
#
# Then a full disk (a small tmpfs), a folder that becomes read-only, and two runs into one file. The
# mounts for the first two need root; without it they are left out, with the reason. What is measured
# is made up by the tests' fake worker, so that this takes minutes on any machine and no verdict
# depends on time. Exits with 1 at the first thing that is not as promised.
set -euo pipefail
cd "$(dirname "$0")/.."

kills=${1:-200}
[[ $kills =~ ^[1-9][0-9]{0,5}$ ]] || { echo "trial-crash: '$kills' is not how many times to kill; expected a whole number from 1" >&2 && exit 2; }
build=${BUILD:-build}
taskcost=$(realpath -m "$build/taskcost") look=$(realpath -m "$build/tests/json-look") fake=$(realpath -m "$build/tests/worker-fake")
for program in "$taskcost" "$look" "$fake"; do
    [ -x "$program" ] || { echo "trial-crash: there is no $program; run make trial" >&2 && exit 2; }
done

folder=$(mktemp -d) mounted=()
clean_up() {
    local place
    for place in "${mounted[@]}"; do umount -l "$place" 2>/dev/null || true; done
    rm -rf "$folder"
}
trap clean_up EXIT
mkdir "$folder/workers" "$folder/killed" "$folder/full" "$folder/locked" "$folder/shared"
ln -s "$fake" "$folder/workers/worker-fake"
export TASKCOST_WORKERS=$folder/workers

failed() {
    echo "trial-crash: $*" >&2
    tail -5 "$folder/log" >&2
    exit 1
}

# What is measured: six cells, some seven seconds, saved after the first round and then every second.
each=60
cells=(constant drifting slow -m fake -n "10,20" --profile quick --rounds "$each" --seed 1)
measure() { "$taskcost" run "$@" >>"$folder/log" 2>&1; }

# rounds FILE: a line a cell, how many rounds its figure has.
rounds() {
    local i count
    count=$("$look" "$1" -s measurements)
    for ((i = 0; i < count; i++)); do
        if [ "$("$look" "$1" "measurements.$i.metric")" = cost ]; then "$look" "$1" -s "measurements.$i.rounds"; fi
    done
}
total() { rounds "$1" | awk '{ sum += $1 } END { print sum + 0 }'; }

whole() { "$taskcost" validate "$1" >>"$folder/log" 2>&1 || failed "$1 is not whole"; }

# finished FILE: complete, every cell with all its rounds, and nothing left beside it.
finished() {
    local left
    whole "$1"
    [ "$("$look" "$1" run.complete run.stopped_by | xargs)" = "true rounds" ] || failed "$1 is not complete"
    [ "$(rounds "$1" | xargs)" = "$each $each $each $each $each $each" ] || failed "$1 does not have all rounds: $(rounds "$1" | xargs)"
    left=$(shopt -s dotglob && cd "$(dirname "$1")" && echo ./*)
    [ "$left" = "./r.json ./r.topology.xml" ] || failed "left over beside $1: $left"
}

# Ends the run that was started last without warning; false when it had ended by itself.
kill_it() {
    local code=0
    kill -9 $! 2>/dev/null || true
    wait $! 2>/dev/null || code=$?
    [ "$code" -eq 137 ] || [ "$code" -eq 0 ] || failed "a run ended with exit code $code"
    [ "$code" -eq 137 ]
}

# -- killed at any moment --------------------------------------------------------------------------

file=$folder/killed/r.json how=("${cells[@]}") before=0 ends=0 looked=0
for ((i = 1; i <= kills; i++)); do
    "$taskcost" run "${how[@]}" -o "$file" >>"$folder/log" 2>&1 &
    # From before the first reading to after some rounds; every third time beyond a saving or two.
    sleep "$((i % 3 == 0 ? 1 + RANDOM % 2 : 0)).$(printf %03d $((RANDOM % 500)))"
    if kill_it; then
        [ -e "$file" ] || continue
        whole "$file"
        looked=$((looked + 1)) now=$(total "$file") how=(--resume)
        [ "$now" -ge "$before" ] || failed "kill $i: $before rounds were saved, now there are $now"
        before=$now
    else
        finished "$file"
        rm "$file" "${file%.json}.topology.xml"
        ends=$((ends + 1)) before=0 how=("${cells[@]}")
    fi
done
[ "$looked" -gt 0 ] || failed "no run came to its first saving before it was killed"
measure "${how[@]}" -o "$file" || failed "the last run could not be finished"
finished "$file"
echo "kill -9 at $kills random moments: the file was whole $looked of $looked times and lost nothing; $((ends + 1)) runs were finished by --resume, with every round"

# -- no room, and no permission --------------------------------------------------------------------

# unsaved FILE COMMAND...: runs it while FILE can't be written after a while. It has to say so once, to
# end with a code, and to leave what was saved before.
unsaved() {
    local file=$1 code=0 said=$folder/said
    shift
    "$taskcost" run "${cells[@]}" -o "$file" >"$said" 2>&1 &
    while [ ! -s "$file" ] && kill -0 $! 2>/dev/null; do sleep 0.05; done
    "$@"
    wait $! || code=$?
    cat "$said" >>"$folder/log"
    [ "$code" -eq 2 ] || failed "a run that could not be saved ended with exit code $code"
    [ "$(grep -c 'warning: .*cannot be written' "$said")" -eq 1 ] || failed "it was not told, or not once, that saving failed"
    [ "$(grep -c '^taskcost run: .*cannot be written' "$said")" -eq 2 ] || failed "it was not told at the end that saving failed"
    whole "$file"
}

full=$folder/full/r.json locked=$folder/locked/r.json
if [ "$(id -u)" -ne 0 ] || ! mount -t tmpfs -o size=96k tmpfs "$folder/full" 2>>"$folder/log"; then
    echo "left out: a full disk, a read-only folder: mounting needs root"
else
    mounted+=("$folder/full")
    unsaved "$full" :
    mount -o remount,size=8m "$folder/full"
    measure --resume -o "$full" || failed "with room again it could not be finished"
    finished "$full"
    echo "a full disk: told at once and at the end, what was saved stayed, --resume finished it"

    lock_folder() {
        mount --bind "$folder/locked" "$folder/locked" && mounted+=("$folder/locked") &&
            mount -o remount,ro,bind "$folder/locked"
    }
    unsaved "$locked" lock_folder
    code=0
    measure --resume -o "$locked" || code=$?
    [ "$code" -eq 2 ] || failed "a read-only folder was not refused"
    umount "$folder/locked"
    measure --resume -o "$locked" || failed "in a folder that can be written again it could not be finished"
    finished "$locked"
    echo "a read-only folder: told at once and at the end, what was saved stayed, --resume finished it"
fi

# -- two runs into one file ------------------------------------------------------------------------

shared=$folder/shared/r.json
"$taskcost" run "${cells[@]}" -o "$shared" >>"$folder/log" 2>&1 &
first=$!
while [ ! -s "$shared" ] && kill -0 $first 2>/dev/null; do sleep 0.05; done
for how in --resume --overwrite; do
    code=0
    measure "$how" -o "$shared" || code=$?
    [ "$code" -eq 2 ] || failed "a second run into the same file ended with exit code $code"
done
wait $first || failed "the first of two runs into one file failed"
finished "$shared"
echo "two runs into one file: the second was refused, the first finished"
