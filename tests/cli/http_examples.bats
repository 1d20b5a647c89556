#!/usr/bin/env bats
# The HTTP servers of examples/, with a task (on both reactors, where the kernel allows io_uring) and
# with a thread a connection, and their clients: the same tests for all.

load driver.bash
setup() {
    driver_setup
    examples=$build/examples
    servers="$examples/http_server $examples/http_server_threads"
    clients="http_get http_get_threads"
    printf '#!/bin/sh\nexec "%s" --uring 1 "$@"\n' "$examples/http_server" >http_server_uring
    chmod +x http_server_uring
    if start "$PWD/http_server_uring" 2>&1; then
        stop
        servers="$servers $PWD/http_server_uring"
    fi
}

teardown() {
    [ -z "${server:-}" ] || kill -9 "$server" 2>/dev/null || true
}

# start PROGRAM [OPTION...]: the process in $server, its port in $port.
start() {
    local program=$1
    shift
    : >served
    "$program" "$@" >served 2>server-err 3>&- &
    server=$!
    for _ in $(seq 200); do
        [ ! -s server-err ] || break
        port=$(sed -n 's/^listening on 127.0.0.1://p' served)
        [ -z "$port" ] || return 0
        sleep 0.01
    done
    cat server-err
    return 1
}

# ended: the server has been told to end; it does so with 0 and without a complaint. What it says at
# the end is in served.
ended() {
    local code=0
    wait "$server" || code=$?
    server=
    [ "$code" -eq 0 ] && [ ! -s server-err ] || { echo "exit code $code"; cat server-err; return 1; }
}

# talk TEXT: sends it, with \r\n and the like, and prints what comes until the server ends.
talk() {
    exec 4<>"/dev/tcp/127.0.0.1/$port"
    printf '%b' "$1" >&4
    cat <&4
    exec 4>&-
}

stop() {
    kill "$server"
    ended
}

descriptors() { find "/proc/$server/fd" -mindepth 1 | wc -l; }

# settles COUNT: the server's descriptors come down to that.
settles() {
    for _ in $(seq 300); do
        [ "$(descriptors)" -ne "$1" ] || return 0
        sleep 0.01
    done
    echo "$(descriptors) descriptors, and not $1:"
    ls -l "/proc/$server/fd"
    return 1
}

close="Host: a\r\nConnection: close\r\n"

@test "fixed JSON, echo of plain and chunked bodies, 404 and 405, byte for byte" {
    for program in $servers; do
        start "$program"
        printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 28\r\nConnection: close\r\n\r\n{"message":"Hello, world!"}\n' >want
        talk "GET / HTTP/1.1\r\n$close\r\n" | cmp - want
        talk "POST /echo HTTP/1.1\r\n${close}Content-Length: 5\r\n\r\na\0b\r\n" | tail -c 7 | cmp - <(printf '\r\na\0b\r\n')
        talk "POST /echo HTTP/1.1\r\n${close}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n" |
            tail -c 7 | cmp - <(printf '\r\nabcde')
        talk "GET /x HTTP/1.1\r\n$close\r\n" | grep -q '^HTTP/1.1 404 Not Found'
        talk "PUT / HTTP/1.1\r\n$close\r\n" | grep -q '^Allow: GET, HEAD'
        talk "GET / HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET /x HTTP/1.1\r\n$close\r\n" |
            grep -c '^HTTP/1.1 200 OK' | grep -qx 2
        stop
        says served '8 requests on 6 connections'
    done
}

@test "what is malformed or too large gets its status, and the connection ends" {
    long=$(printf 'x%.0s' $(seq 5000))
    for program in $servers; do
        start "$program"
        for pair in 400:'GET\r\n\r\n' 413:"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n" \
            414:"GET /$long HTTP/1.1\r\n" 431:"GET / HTTP/1.1\r\nX: $long\r\n" \
            501:'BREW / HTTP/1.1\r\n' 505:'GET / HTTP/3.0\r\n'; do
            talk "${pair#*:}" | head -1 | grep -q "^HTTP/1.1 ${pair%%:*} " || { echo "$pair"; return 1; }
        done
        # The answer is not lost to what was sent after the fault and never read.
        talk "GET\r\n$long$long$long$long" | grep -q '^HTTP/1.1 400 Bad Request'
        stop
    done
}

@test "too slow: 408 in the middle of a request, no word to who was idle" {
    for program in $servers; do
        start "$program" --request-ms 60 --idle-ms 60
        exec 4<>"/dev/tcp/127.0.0.1/$port"
        trap '' PIPE # the server may have gone by the time of a write
        for ((i = 0; i < 50; i++)); do printf 'G' >&4 2>/dev/null && sleep 0.01 || break; done
        head -1 <&4 | grep -q '^HTTP/1.1 408 Request Timeout'
        exec 4>&-
        [ -z "$(talk '')" ]
        [ -z "$(talk '\r\n\r\n')" ]
        stop
    done
}

@test "a peer that ends its side first is answered" {
    for program in $servers; do
        start "$program"
        for client in $clients; do
            capture "$examples/$client" "$port" / / /
            [ "$code" -eq 0 ]
            [ "$(grep -c '{"message":"Hello, world!"}' out)" -eq 3 ]
            capture "$examples/$client" "$port" --bytewise /
            [ "$code" -eq 0 ]
            printf '{"message":"Hello, world!"}\n' | cmp - out
            capture "$examples/$client" "$port" /nowhere
            [ "$code" -eq 1 ]
            says err '/nowhere: the status is 404'
        done
        stop
    done
}

@test "200 connections at once, none dropped, every descriptor closed" {
    for program in $servers; do
        start "$program"
        talk "GET / HTTP/1.1\r\n$close\r\n" >first # what is opened at first use is open then
        sleep 0.05
        before=$(descriptors)
        wrk -t1 -c200 -d1s "http://127.0.0.1:$port/" >load 3>&-
        ! grep -E 'Socket errors|Non-2xx' load || false
        settles "$before"
        stop
        [ "$(sed -n 's/ requests on .*//p' served)" -ge "$(sed -n 's/^ *\([0-9]*\) requests in.*/\1/p' load)" ]
        connections=$(sed -n 's/.* on \([0-9]*\) connections/\1/p' served)
        [ "$connections" -ge 200 ]
    done
}

@test "as many connections as there may be: the next waits for its turn" {
    for program in $servers; do
        start "$program" --connections 2
        exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
        before=$(descriptors)
        (talk "GET / HTTP/1.1\r\n$close\r\n" >third) 5>&- 6>&- 3>&- &
        third=$!
        sleep 0.1
        [ ! -s third ]
        exec 5>&-
        wait "$third"
        grep -q '^HTTP/1.1 200 OK' third
        exec 6>&-
        stop
        says served '1 requests on 3 connections'
    done
}

@test "an end that lets everybody finish" {
    for program in $servers; do
        for signal in INT TERM; do
            start "$program"
            exec 5<>"/dev/tcp/127.0.0.1/$port" 6<>"/dev/tcp/127.0.0.1/$port"
            printf 'GET / HTTP/1.1\r\nHost: a\r\n' >&5
            printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' >&6
            read -r line <&6
            [ "$line" = $'HTTP/1.1 200 OK\r' ]
            kill "-$signal" "$server"
            cat <&6 >idle # ends although it would be kept
            kill -0 "$server"
            printf '\r\n' >&5
            cat <&5 >answer
            grep -q '^HTTP/1.1 200 OK' answer
            grep -q '^Connection: close' answer
            exec 5>&- 6>&-
            ended
            says served '2 requests on 2 connections'
        done
        start "$program" --grace-ms 50
        exec 5<>"/dev/tcp/127.0.0.1/$port"
        printf 'GET / HTTP/1.1\r\nHost: a\r\n' >&5
        sleep 0.05
        stop # without waiting for this one any longer
        exec 5>&-
    done
}

@test "wrong use and a port that is taken: one sentence, exit code 2" {
    for program in $servers; do
        refused "--port: '65536' is not a whole number from 0 to 65535" "$program" --port 65536
        refused 'expects [--port N]' "$program" --nonsense 1
        start "$program"
        refused "cannot serve on 127.0.0.1:$port: Address already in use; choose another --port" \
            "$program" --port "$port"
        stop
    done
    for client in $clients; do
        refused 'expects PORT' "$examples/$client" "$port"
        capture "$examples/$client" "$port" /
        [ "$code" -eq 1 ]
        says err '/: Connection refused'
    done
}
