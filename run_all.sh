#!/usr/bin/env bash
# Measures what a task costs on this machine, as an OS thread and as an async task, and shows it:
# dependencies, build, measurements, charts, tables. Everything lands in one folder.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=${BUILD:-build}
case $build in /*) ;; *) build=$root/$build ;; esac
taskcost=$build/taskcost

usage() {
    cat <<'EOF'
usage: ./run_all.sh [--quick | --full] [--output DIR | --resume DIR] [--no-install]

Measures this machine and shows what a task costs: results.json, tables.md, findings.md,
topology.xml and charts/ in one folder. Takes at most 10 minutes on two cores.

  --quick       at most 90 seconds
  --full        every cell, for as long as it takes
  --output DIR  where the results go (default: results/DATE-HOST, here in the project)
  --resume DIR  goes on with a run in DIR that was stopped or killed, as it was begun
  --no-install  do not look for missing packages
  --help        this text

Ctrl-C ends the measuring; what was measured is kept, charted and shown. A folder has one run, and
one writer: DIR/.lock keeps others out.
Exit codes: 0 done; 1 some cells failed; 2 wrong use; 130 interrupted.
EOF
}

wrong() {
    printf 'run_all.sh: %s\n' "$*" >&2
    exit 2
}

say() { printf '\n== %s\n' "$*" >&2; }

# -- arguments -------------------------------------------------------------------------------------

profile='' output='' resume=no install=yes
while [ $# -gt 0 ]; do
    case $1 in
    --quick) profile=quick ;;
    --full) profile=full ;;
    --no-install) install=no ;;
    --output)
        [ -n "${2-}" ] || wrong "--output needs the folder that the results go to"
        output=$2
        shift
        ;;
    --output=?*) output=${1#--output=} ;;
    --resume)
        [ -n "${2-}" ] || wrong "--resume needs the folder of the run that is to go on"
        output=$2 resume=yes
        shift
        ;;
    --resume=?*) output=${1#--resume=} resume=yes ;;
    --help | -h)
        usage
        exit 0
        ;;
    *) wrong "unknown option '$1'; expected --quick, --full, --output DIR, --resume DIR, --no-install or --help" ;;
    esac
    shift
done

# -- the folder ------------------------------------------------------------------------------------

# Two runs on one day are two results.
default_output() {
    local base n=2
    base=$root/results/$(date +%Y-%m-%d)-$(uname -n)
    output=$base
    while [ -e "$output" ]; do
        output=$base-$n
        n=$((n + 1))
    done
}

if [ "$resume" = yes ] && [ -n "$profile" ]; then wrong "--resume goes on as the run was begun; leave --$profile out"; fi
[ -n "$output" ] || default_output
case $output in /*) ;; *) output=$PWD/$output ;; esac
results=$output/results.json
if [ "$resume" = yes ] && [ ! -s "$results" ]; then wrong "--resume: there is no $results; --output DIR begins a run"; fi
if [ "$resume" = no ] && [ -s "$results" ]; then
    wrong "the folder $output holds a run; --resume $output goes on with it, --output names another"
fi
# Asked before anything takes time.
if ! reason=$(mkdir -p -- "$output" 2>&1) || ! reason=$( (: >"$output/.writable") 2>&1); then
    wrong "cannot write to the folder $output: ${reason##*: }; --output names another"
fi
rm -f -- "$output/.writable"
# The kernel lets go of it when the last process of this run has ended.
exec 9>"$output/.lock"
if command -v flock >/dev/null && ! flock -n 9; then wrong "another run_all.sh is writing to $output; --output names another folder"; fi
trap 'rm -f -- "$output/.lock"' EXIT

# -- dependencies and build ------------------------------------------------------------------------

if [ "$install" = yes ]; then "$root/scripts/install-deps.sh"; fi
SECONDS=0
say "building"
jobs=$(nproc 2>/dev/null || echo 1)
make -C "$root" --no-print-directory -j"$jobs" BUILD="$build" >&2

# -- measuring -------------------------------------------------------------------------------------

profile=${profile:-default}
say "measuring ($([ "$resume" = yes ] && echo "going on" || echo "profile $profile")); results in $output"
measured=0
# What is promised is the time of the whole, so the run gets what building left, less what showing
# takes; but never so little that nothing is measured.
promised_s="" # none for --full
case $profile in quick) promised_s=90 showing_s=10 ;; default) promised_s=600 showing_s=20 ;; esac
how=(--profile "$profile")
if [ "$resume" = yes ]; then
    how=(--resume) # what is left of its time
elif [ -n "$promised_s" ]; then
    left_s=$((promised_s - showing_s - SECONDS))
    how+=(--time-limit "$((left_s > 20 ? left_s : 20))")
fi
# The terminal sends Ctrl-C to taskcost too, which ends its run cleanly; the shell must outlive it.
trap : INT
"$taskcost" run "${how[@]}" -o "$results" || measured=$?
trap - INT
[ "$measured" -ne 2 ] || exit 2
[ -s "$results" ] || exit "$measured"

# -- showing ---------------------------------------------------------------------------------------

# What can still be shown is shown, whatever fails before it.
shown=0
"$taskcost" show --markdown "$results" >"$output/tables.md" || shown=1
"$taskcost" findings --markdown "$results" >"$output/findings.md" || shown=1
say "charts"
TASKCOST_PLOTS=$root/plots "$taskcost" report "$results" -o "$output" >"$output/.charts" || shown=1
charts=$(grep -c '\.png$' "$output/.charts" || true)
rm -f -- "$output/.charts"
echo
"$taskcost" show "$results" || shown=1
echo
"$taskcost" reproduce "$results" || shown=1
echo
"$taskcost" findings "$results" || shown=1
echo
printf 'results  %s\ntables   %s\nfindings %s\n' "$results" "$output/tables.md" "$output/findings.md"
if [ "$charts" -gt 0 ]; then
    printf 'charts   %s\n' "$output/charts/*.svg, *.png"
fi
if [ "$measured" -eq 0 ]; then measured=$shown; fi
exit "$measured"
