#!/bin/sh
# Installs what taskcost needs and this machine lacks, with the system's own package manager.
#
# A dependency is there if it works (a program found, a library that pkg-config or the compiler
# finds), whatever package it came from. When all are there, nothing is printed and nothing done.
# Plain sh, because a bare machine may not have more. Exit codes: 0 all there, 1 installing failed,
# 2 wrong use, or someone else must run the command that is shown.
set -u

lists=${TASKCOST_APT_LISTS:-/var/lib/apt/lists}
dry_run=no

usage() {
    cat <<'EOF'
usage: scripts/install-deps.sh [--dry-run]

Installs what is missing of: a C compiler, make, pkg-config, hwloc, jansson, liburing, gnuplot,
strace, wrk, cmocka, bats, valgrind, bash and git, with apt-get, zypper, dnf, pacman or apk. Prints
the command before it runs it.

  --dry-run  only print the command
  --help     this text
EOF
}

say() { printf '%s\n' "$*" >&2; }

# -- what is missing -------------------------------------------------------------------------------

have() { command -v "$1" >/dev/null 2>&1; }

compiler() { for cc in ${CC:-} cc gcc clang; do have "$cc" && echo "$cc" && return; done; return 1; }

compiles() { # HEADER: whether an empty program that includes it compiles
    cc=$(compiler) && printf '#include <%s>\nint main(void) { return 0; }\n' "$1" |
        "$cc" -x c -fsyntax-only - >/dev/null 2>&1
}

library() { # PKG-CONFIG-NAME HEADER
    if have pkg-config; then pkg-config --exists "$1"; else compiles "$2"; fi
}

# cmocka's header wants others before it, so that without pkg-config its macro file is asked for.
works() {
    case $1 in
    compiler) compiles stdio.h ;;
    hwloc) library hwloc hwloc.h ;;
    jansson) library jansson jansson.h ;;
    liburing) library liburing liburing.h ;;
    cmocka) library cmocka cmocka_pbc.h || { ! have pkg-config && compiles cmocka.h; } ;;
    *) have "$1" ;;
    esac
}

# The distributions of dnf and zypper have no package of wrk; what needs it is skipped there.
has_none() { [ "$1" = wrk ] && case $(manager) in dnf | zypper) ;; *) false ;; esac; }

missing() {
    for thing in compiler make pkg-config hwloc jansson liburing gnuplot strace wrk cmocka bats valgrind bash git; do
        works "$thing" || has_none "$thing" || printf '%s ' "$thing"
    done
}

# -- how to get it ---------------------------------------------------------------------------------

manager() {
    for name in apt-get zypper dnf pacman apk; do have "$name" && echo "$name" && return; done
    return 1
}

package() { # MANAGER THING: the packages' names; those that are called the same everywhere come last
    case $1:$2 in
    apt-get:compiler) echo gcc libc6-dev ;;
    apt-get:gnuplot) echo gnuplot-nox ;;
    apt-get:liburing) echo liburing-dev ;;
    apt-get:hwloc | apt-get:jansson | apt-get:cmocka) echo "lib$2-dev" ;;
    apk:compiler) echo gcc musl-dev ;;
    apk:hwloc | apk:jansson | apk:liburing | apk:cmocka) echo "$2-dev" ;;
    apk:gnuplot) echo gnuplot font-dejavu ;;
    dnf:compiler | zypper:compiler) echo gcc glibc-devel ;;
    dnf:pkg-config) echo pkgconf-pkg-config ;;
    dnf:hwloc | dnf:jansson | dnf:liburing | zypper:hwloc | zypper:liburing) echo "$2-devel" ;;
    dnf:cmocka | zypper:cmocka | zypper:jansson) echo "lib$2-devel" ;;
    pacman:compiler) echo gcc ;;
    pacman:bats) echo bash-bats ;;
    pacman:pkg-config | apk:pkg-config) echo pkgconf ;;
    *) echo "$2" ;;
    esac
}

install_command() { # MANAGER
    case $1 in
    apt-get) echo apt-get install -y --no-install-recommends ;;
    zypper) echo zypper --non-interactive install ;;
    dnf) echo dnf install -y ;;
    pacman) echo pacman -S --needed --noconfirm ;;
    apk) echo apk add ;;
    esac
}

refresh_command() { # MANAGER
    case $1 in
    apt-get) echo apt-get update ;;
    zypper) echo zypper --non-interactive refresh ;;
    dnf) echo dnf makecache ;;
    pacman) echo pacman -Sy ;;
    apk) echo apk update ;;
    esac
}

# apt-get alone doesn't fetch lists by itself; those older than a week name packages that are gone.
lists_are_stale() {
    [ "$1" = apt-get ] && [ -z "$(find "$lists" -name '*_Packages*' -mtime -7 2>/dev/null | head -1)" ]
}

# -- doing it --------------------------------------------------------------------------------------

# Nobody can answer sudo's question without a terminal.
become_root() {
    if [ "$(id -u)" -eq 0 ]; then
        echo
    elif have sudo && [ -t 0 ]; then
        echo sudo
    elif have sudo && sudo -n true 2>/dev/null; then
        echo sudo -n
    else
        return 1
    fi
}

run() {
    say "+ $*"
    DEBIAN_FRONTEND=noninteractive "$@" </dev/null >&2
}

as_root() { # COMMAND...; sudo itself may need the terminal, the command does not
    # shellcheck disable=SC2086
    if [ -z "$root" ]; then
        run "$@"
    else
        say "+ $root $*"
        $root env DEBIAN_FRONTEND=noninteractive "$@" >&2
    fi
}

main() {
    things=$(missing)
    [ -n "$things" ] || return 0
    if ! name=$(manager); then
        say "install-deps: missing: ${things% }; none of apt-get, zypper, dnf, pacman and apk is here: install them by hand"
        return 2
    fi
    packages=
    for thing in $things; do packages="$packages $(package "$name" "$thing")"; done
    command="$(install_command "$name")$packages"
    refresh=$(refresh_command "$name")
    whole=$command
    if lists_are_stale "$name"; then whole="$refresh && $command"; fi
    if [ "$dry_run" = yes ]; then
        echo "$whole"
        return 0
    fi
    if ! root=$(become_root); then
        say "install-deps: missing: ${things% }; as root run: $whole"
        return 2
    fi
    say "missing: ${things% }"
    # shellcheck disable=SC2086
    if [ "$whole" != "$command" ]; then as_root $refresh; fi
    # shellcheck disable=SC2086
    as_root $command || { as_root $refresh && as_root $command; } || {
        say "install-deps: the command failed: $command"
        return 1
    }
    things=$(missing)
    [ -z "$things" ] || {
        say "install-deps: still missing after installing: ${things% }"
        return 1
    }
}

for option; do
    case $option in
    --dry-run) dry_run=yes ;;
    --help | -h) usage && exit 0 ;;
    *) say "install-deps: unknown argument '$option'; expected --dry-run or --help" && exit 2 ;;
    esac
done
main
