#!/usr/bin/env bash
# Writes the figures of the README from a result file, between the two lines that mark them, so that
# no figure is typed by hand.
#
#   scripts/update-docs.sh [--check] [FILE]     FILE: default docs/reference/results.json
#
# --check changes nothing and exits 1 when the README is not what FILE gives.
set -euo pipefail
cd "$(dirname "$0")/.."

check=no file=docs/reference/results.json
for argument; do
    case $argument in
    --check) check=yes ;;
    -*) echo "update-docs: unknown option '$argument'; expected --check and a result file" >&2 && exit 2 ;;
    *) file=$argument ;;
    esac
done
build=${BUILD:-build}
taskcost=$build/taskcost
[ -x "$taskcost" ] || { echo "update-docs: there is no $taskcost; run make first" >&2 && exit 2; }
[ -r "$file" ] || { echo "update-docs: cannot read $file; ./run_all.sh makes a result file" >&2 && exit 2; }

begin='<!-- figures: begin (scripts/update-docs.sh) -->' end='<!-- figures: end -->'
new=$(mktemp)
trap 'rm -f "$new"' EXIT

# A page as a part of another: without its title, its headings one level down.
as_part() { sed '1{/^# /d}; s/^##/###/'; }

figures() {
    printf '\nMeasured figures, from [%s](%s).\n\n' "$file" "$file"
    "$taskcost" reproduce "$file" --markdown | as_part
    printf '\n<details><summary>All that was measured</summary>\n\n'
    "$taskcost" show "$file" --markdown | as_part
    printf '\n</details>\n\n'
}

# The number of the one line that is MARK.
line_of() {
    local line
    line=$(grep -nxF -- "$1" README.md | cut -d: -f1)
    [[ $line =~ ^[0-9]+$ ]] || { echo "update-docs: README.md needs one line $1" >&2 && exit 2; }
    echo "$line"
}

first=$(line_of "$begin")
last=$(line_of "$end")
text=$(figures)
{
    head -n "$first" README.md
    printf '%s\n\n' "$text"
    tail -n "+$last" README.md
} >"$new"

if cmp -s "$new" README.md; then exit 0; fi
if [ "$check" = yes ]; then
    echo "update-docs: README.md is not what $file gives; run scripts/update-docs.sh" >&2
    exit 1
fi
cat "$new" >README.md
