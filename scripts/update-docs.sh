#!/usr/bin/env bash
# Writes the figures of README.md (from a result file) and of docs/method.md (from the readings of
# scripts/agreement.sh) between the two lines that mark them, and docs/reference/tables.md, so that no
# figure is typed by hand.
#
#   scripts/update-docs.sh [--check] [FILE]     FILE: default docs/reference/results.json
#
# --check changes nothing and exits 1 when a page is not what the files give.
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

# Refuses what is not to be published, with its sentence.
"$taskcost" reproduce "$file" >/dev/null || exit 2

begin='<!-- figures: begin (scripts/update-docs.sh) -->' end='<!-- figures: end -->'
new=$(mktemp)
trap 'rm -f "$new"' EXIT

# A page as a part of another: without its title, its headings one level down.
as_part() { sed '1{/^# /d}; s/^##/###/'; }

figures() {
    printf '\nPublished figures and this machine, from [%s](%s); [all tables](docs/reference/tables.md).\n\n' "$file" "$file"
    "$taskcost" reproduce "$file" --markdown | sed '/^## claims$/,$d' | as_part
}

# The figures that the async runtime is to reach, against the floor of the same run, on one core.
targets() {
    printf '\n| async, one core | tasks | target | here |\n| --- | ---: | --- | --- |\n'
    "$taskcost" show "$file" --markdown | awk -F ' *[|] *' '
        function report(what, target, figure) {
            printf "| %s | %s | %s | %s |\n", what, $column["tasks"], target, figure
        }
        function wanted(tasks) {
            return $column["tasks"] == tasks && (!("placement" in column) || $column["placement"] == "one-core") &&
                   (!("policy" in column) || $column["policy"] ~ /^(other)?$/) && !seen[section, metric, tasks]++
        }
        /^## / { section = substr($0, 4); split("", column); next }
        !/^[|]/ { split("", column); next }
        !("tasks" in column) {
            for (i = 2; i < NF; i++)
                if (!($i in column)) column[$i] = i
            next
        }
        { metric = "metric" in column ? $column["metric"] : "" }
        section == "create" && metric == "create_join" && wanted("10,000") { report("`create`, whole cycle", "≤ 3 × floor", $column["×floor"]) }
        section == "switch-yield: switch" && wanted("500") { report("`switch-yield`", "≤ 2 × floor", $column["×floor"]) }
        section == "switch-channel: switch" && wanted("500") { report("`switch-channel`", "≤ 2 × floor", $column["×floor"]) }
        section == "switch-socket: switch" && wanted("500") { report("`switch-socket`", "≤ 1.5 × floor", $column["×floor"]) }
        section ~ /^memory-idle: memory/ && $column["model"] == "async" && $column["tasks"] == "1,000,000" { report("idle task, resident", "≤ 96 B", $column["resident, B"] " B") }'
    echo
}

# A row a check: the median of the readings and of their ratios.
agreement() {
    printf '\n| check | ours, median | theirs or promised | ratio | readings |\n| --- | --- | --- | --- | --- |\n'
    grep -v '^#' docs/reference/agreement.tsv | awk -F '\t' '
        function median(list,   n, v, i, j, t) {
            n = split(list, v, " ")
            for (i = 2; i <= n; i++)
                for (j = i; j > 1 && v[j - 1] + 0 > v[j] + 0; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
            return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
        }
        !($1 in ours) { order[++checks] = $1 }
        { ours[$1] = ours[$1] " " $3; theirs[$1] = theirs[$1] " " $4; ratio[$1] = ratio[$1] " " $3 / $4; count[$1]++ }
        END {
            for (c = 1; c <= checks; c++) {
                k = order[c]
                printf "| %s | %.4g | %.4g | %.3f | %d |\n", k, median(ours[k]), median(theirs[k]), median(ratio[k]), count[k]
            }
        }'
    echo
}

# What scripts/trust.sh counted, with shares.
# shellcheck disable=SC2016 # the backticks are Markdown's
trust() {
    printf '\n### Comparisons and intervals, counted\n\n%s\n\n| | of | found | share | promised | |\n| --- | ---: | ---: | ---: | --- | --- |\n' \
        "$(sed -n '1s/^# \(taskcost [^:]*\): \(.*\); \([^;]*\)$/`scripts\/trust.sh` with `\2` (\1; \3):/p' docs/reference/trust.tsv)"
    grep -v '^#' docs/reference/trust.tsv | awk -F '\t' '
        { printf "| %s | %d | %d | %.1f %% | %s | %s |\n", $1, $2, $3, $2 ? 100 * $3 / $2 : 0, $4, $5 == "-" ? "" : $5 }'
    echo
}

# The number of the one line of PAGE that is MARK.
line_of() { # PAGE MARK
    local line
    line=$(grep -nxF -- "$2" "$1" | cut -d: -f1)
    [[ $line =~ ^[0-9]+$ ]] || { echo "update-docs: $1 needs one line $2" >&2 && exit 2; }
    echo "$line"
}

stale=no
update() { # PAGE COMMAND: what the command prints, between the marks
    local first last text
    first=$(line_of "$1" "$begin")
    last=$(line_of "$1" "$end")
    text=$("$2")
    {
        head -n "$first" "$1"
        printf '%s\n\n' "$text"
        tail -n "+$last" "$1"
    } >"$new"
    if cmp -s "$new" "$1"; then return; fi
    if [ "$check" = yes ]; then
        echo "update-docs: $1 is not what the result files give; run scripts/update-docs.sh" >&2
        stale=yes
    else
        cat "$new" >"$1"
    fi
}

update README.md figures
if [ "$check" = no ]; then "$taskcost" show "$file" --markdown >docs/reference/tables.md; fi
method() { targets; printf '### Agreement with independent tools\n'; agreement; [ ! -e docs/reference/trust.tsv ] || trust; }
[ ! -e docs/reference/agreement.tsv ] || update docs/method.md method
[ "$stale" = no ]
