#!/usr/bin/env bats
# The chat servers of examples/, with a task and with two threads a member: every member of a room
# gets each line once and in the same order, and nobody else gets it.

load driver.bash
setup() {
    driver_setup
    servers="chat chat_threads"
    # shellcheck disable=SC2154 # build is driver_setup's
    examples=$build/examples
    members=()
}

teardown() {
    [ -z "${server:-}" ] || kill -9 "$server" 2>/dev/null || true
}

start() { # PROGRAM [OPTION...]
    local program=$1
    shift
    : >served
    "$examples/$program" "$@" >served 2>server-err 3>&- &
    server=$!
    for _ in $(seq 200); do
        port=$(sed -n 's/^listening on 127.0.0.1://p' served)
        [ -z "$port" ] || return 0
        sleep 0.01
    done
    return 1
}

# stop: the server ends with 0, without a complaint; all members are told the end.
stop() {
    local code=0
    kill "$server"
    wait "$server" "${members[@]}" || code=$?
    server=''
    members=()
    [ "$code" -eq 0 ] && [ ! -s server-err ] && return 0
    echo "exit code $code"
    cat server-err
    return 1
}

# join FD NAME ROOM: speaks through that descriptor from now on; what NAME hears is in heard-NAME.
join() {
    eval "exec $1<>/dev/tcp/127.0.0.1/$port"
    cat <&"$1" >"heard-$2" 3>&- &
    members+=($!)
    printf '%s %s\n' "$2" "$3" >&"$1"
    hears "$2" "+: $2"
}

# hears NAME LINE: it comes.
hears() {
    for _ in $(seq 500); do
        ! grep -qxF -- "$2" "heard-$1" || return 0
        sleep 0.01
    done
    echo "$1 did not hear '$2' but:"
    cat "heard-$1"
    return 1
}

# accounts_for NAME COUNT: the lines that NAME has heard and those that it was told it lost.
accounts_for() {
    local count
    for _ in $(seq 500); do
        count=$(awk '/^m[4-7]: / { n++ } /^\* / { n += $2 } END { print n + 0 }' "heard-$1")
        [ "$count" -lt "$2" ] || break
        sleep 0.02
    done
    [ "$count" -eq "$2" ] || { echo "$1 accounts for $count lines of $2"; return 1; }
}

@test "every member of a room gets each line once, nobody else any" {
    for program in $servers; do
        start "$program"
        join 4 ann red
        join 5 bob red
        join 6 cid blue
        printf 'one\ntwo\r\n' >&4
        hears bob 'ann: two'
        printf 'three\nfour' >&5
        hears ann 'bob: three'
        printf '\n' >&5
        printf 'alone\n' >&6
        hears ann 'bob: four'
        hears bob 'bob: four'
        hears cid 'cid: alone'
        exec 5>&- # only the cat keeps it now
        stop
        exec 4>&- 6>&-
        printf '%s\n' '+: ann' '+: bob' 'ann: one' 'ann: two' 'bob: three' 'bob: four' >want
        head -6 heard-ann | cmp - want
        tail -n +2 want | cmp - <(head -5 heard-bob)
        printf '%s\n' '+: cid' 'cid: alone' | cmp - heard-cid
    done
}

@test "who leaves is told to the others, and the last takes the room along" {
    for program in $servers; do
        start "$program"
        join 4 ann red
        (
            exec 7<>"/dev/tcp/127.0.0.1/$port"
            printf 'bob red\nhello\n' >&7
            head -2 <&7 >/dev/null
        ) 4>&- 3>&-
        hears ann 'bob: hello'
        hears ann '-: bob'
        stop
        exec 4>&-
    done
}

@test "many lines from many: all hear them in the same order, and what is lost is counted" {
    for program in $servers; do
        start "$program"
        for n in 4 5 6 7; do join "$n" "m$n" red; done
        speakers=()
        for n in 4 5 6 7; do
            seq 200 >&"$n" 3>&- &
            speakers+=($!)
        done
        wait "${speakers[@]}"
        for n in 4 5 6 7; do accounts_for "m$n" 800; done
        stop
        exec 4>&- 5>&- 6>&- 7>&-
        for n in 4 5 6 7; do
            [ -z "$(grep '^m' "heard-m$n" | sort | uniq -d)" ]
            # Of each speaker the lines come in order.
            for o in 4 5 6 7; do
                sed -n "s/^m$o: \([0-9]*\)$/\1/p" "heard-m$n" | sort -cn
            done
        done
    done
}

@test "a line that is too long ends the member, a first line that is none is passed over" {
    for program in $servers; do
        start "$program"
        exec 4<>"/dev/tcp/127.0.0.1/$port"
        printf 'nonsense\n\nann red\n' >&4
        read -r line <&4
        [ "$line" = '+: ann' ]
        head -c 300 /dev/zero | tr '\0' x >&4
        ! read -r -t 5 line <&4 || false
        exec 4>&-
        stop
        refused 'expects [--port N]' "$examples/$program" --room 1
    done
}
