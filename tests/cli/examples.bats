#!/usr/bin/env bats
# Every example, run: the four copies are byte-exact and copy at the same time; each fault gets the
# message that its file promises.

load driver.bash
setup() {
    driver_setup
    examples=$build/examples
}

copies="async state_machine callbacks threads"

# promises FILE WORD: what follows it in the file's opening comment, a line each.
promises() { sed -n "1,/\*\// s/^ \* $2: //p" "$1"; }

@test "each fault of the lectures gets its message when it runs" {
    local fault count=0
    for fault in "$root"/examples/faults/*.c; do
        [[ $fault == *_refused.c ]] && continue
        capture "$examples/faults/$(basename "$fault" .c)"
        [ "$code" -eq "$(promises "$fault" exit)" ] || { echo "$fault: exit code $code"; cat err; return 1; }
        cat out >>err
        promises "$fault" says >promised
        [ -s promised ]
        while read -r line; do says err "$line"; done <promised
        count=$((count + 1))
    done
    [ "$count" -eq 7 ]
}

@test "the other faults are refused by the compiler" {
    local fault count=0
    for fault in "$root"/examples/faults/*_refused.c; do
        capture env LC_ALL=C "${CC:-gcc}" -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -fsyntax-only \
            -I"$root/base/include" -I"$root/runtime/include" "$fault"
        [ "$code" -ne 0 ] || { echo "$fault compiles"; return 1; }
        promises "$fault" says >promised
        [ -s promised ]
        while read -r line; do says err "$line"; done <promised
        count=$((count + 1))
    done
    [ "$count" -eq 3 ]
}

@test "waiting for several things at once" {
    capture "$examples/waiting"
    [ "$code" -eq 0 ]
    cat >expected <<-END
	join: user 7, orders 3
	try_join: EIO, the user was dropped
	select: the message 42
	timeout of an operation: ETIMEDOUT
	timeout of a function: ETIMEDOUT
	squares: 1 4 9 16
	END
    diff out expected
}

# a_file SIZE: its name; the bytes differ from file to file.
a_file() {
    head -c "$1" /dev/urandom >"in-$1"
    echo "in-$1"
}

@test "copies of files are byte-exact, whole buffers or not" {
    for copy in $copies; do
        for size in 0 1 1023 1024 1025 10485760; do
            [ -e "in-$size" ] || a_file "$size" >/dev/null
            capture "$examples/copy_$copy" "in-$size" "out-$size"
            [ "$code" -eq 0 ] || { cat err; return 1; }
            cmp "in-$size" "out-$size"
            says out "in-$size to out-$size: $size bytes"
        done
    done
}

@test "copies through pipes wait for slow writers and readers" {
    a_file 200000 >/dev/null
    for copy in $copies; do
        (head -c 100000 in-200000; sleep 0.05; tail -c 100000 in-200000) 3>&- |
            "$examples/copy_$copy" /dev/stdin /dev/fd/4 4>&1 >told 3>&- |
            (sleep 0.05; cat >"out-$copy") 3>&-
        cmp in-200000 "out-$copy"
        says told "/dev/stdin to /dev/fd/4: 200000 bytes"
    done
}

# The first copy can only end after the second: its writer waits for what the second has copied.
@test "two copies in one program go on at the same time" {
    a_file 1000 >/dev/null
    for copy in $copies; do
        mkfifo slow quick
        (exec 5>slow; cat quick >&5) 3>&- &
        capture timeout 20 "$examples/copy_$copy" slow out-slow in-1000 quick
        wait
        [ "$code" -eq 0 ] || { echo "$copy: $code"; cat err; return 1; }
        cmp in-1000 out-slow
        rm slow quick out-slow
    done
}

@test "a copy that cannot be done says why" {
    a_file 1000 >/dev/null
    for copy in $copies; do
        refused "pairs of paths" "$examples/copy_$copy" one
        refused "missing: No such file" "$examples/copy_$copy" missing out-1
        capture "$examples/copy_$copy" in-1000 /dev/full
        [ "$code" -eq 1 ]
        says err "in-1000 to /dev/full: No space left on device"
        capture "$examples/copy_$copy" . out-1
        [ "$code" -eq 1 ]
        says err ". to out-1: Is a directory"
    done
}
