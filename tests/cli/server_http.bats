#!/usr/bin/env bats
# server-http: what it says under wrk itself, and under programs of that name which are not to be
# believed.

load workers.bash
setup() {
    workers_setup
    mkdir bin
}

# fake_wrk: the script on standard input stands in for wrk. It is told to stop by SIGINT and has
#   ask [HEADER]   a request on the connection 4, and its answer in the file answer
fake_wrk() {
    {
        cat <<'EOF'
#!/bin/bash
trap 'stopped=1' INT
for url; do :; done
port=${url##*:}
port=${port%/}
ask() {
    local line size=0
    printf 'GET / HTTP/1.1\r\nHost: a\r\n%b\r\n' "$1" >&4 || return
    while IFS= read -r -u 4 line; do
        printf '%s\n' "$line"
        [ "$line" != $'\r' ] || break
        case $line in Content-Length:*) size=${line#*: } size=${size%$'\r'} ;; esac
    done >answer
    IFS= read -r -N "$size" -u 4 line
    printf '%s' "$line" >>answer
}
EOF
        cat
    } >bin/wrk
    chmod +x bin/wrk
}

# under_load ERRORS MORE: a wrk that reports so many errors and so many answers more than it had.
under_load() {
    fake_wrk <<EOF
exec 4<>"/dev/tcp/127.0.0.1/\$port"
for ((n = 0; !stopped; n++)); do ask; done
printf '\nreport requests=%d errors=%d p50=1 p99=2 p999=3 max=4\n' \$((n + $2)) $1
EOF
}

run_http() { # MODEL [ARGUMENT...]: a short round with the fake
    local model=$1
    shift
    PATH="$PWD/bin:$PATH" worker "$model" run server-http --tasks 1 --time-ms 20 --laps 1 "$@"
}

@test "server-http: under wrk, in every model that can" {
    for path in "$build"/worker-*; do
        model=${path##*/worker-}
        workloads "$model" >names
        grep -qx server-http names || continue
        worker "$model" run server-http --tasks 3 --time-ms 50
        delivered ok || { echo "$model"; return 1; }
        for name in request throughput latency_p50 latency_p99 latency_p999 latency_max; do
            grep -q "\"name\": *\"$name\"" out || { echo "$model has no $name"; return 1; }
        done
    done
}

@test "server-http: wrk on the server's own PUs, and nowhere else" {
    worker floor run server-http --tasks 2 --time-ms 20 --param client=same
    delivered ok && holds parameters.client same
    worker floor run server-http --tasks 2 --time-ms 20 --param client=elsewhere
    delivered failed
    look reason | grep -qF "client 'elsewhere' is neither aside nor same"
}

@test "server-http: skipped without wrk, with the remedy" {
    PATH="$PWD/bin" worker async run server-http --tasks 1
    delivered skipped
    look reason | grep -qF 'wrk is not installed; the package wrk has it'
}

@test "server-http: the answer, byte for byte" {
    for model in floor async threads; do
        fake_wrk <<'EOF'
exec 4<>"/dev/tcp/127.0.0.1/$port"
ask 'Connection: close\r\n'
EOF
        run_http "$model"
        printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 27\r\nConnection: close\r\n\r\n{"message":"Hello, world!"}' |
            cmp - answer
        delivered failed # as this wrk has ended by itself
    done
}

@test "server-http: a wrk that ends at once is told by what it said" {
    fake_wrk <<<'echo "no such thing" >&2; exit 3'
    for model in floor async threads; do
        run_http "$model"
        delivered failed
        look reason | grep -qF 'wrk has ended early and said: no such thing'
    done
}

@test "server-http: what wrk reports is held against what the server counted" {
    under_load 0 0
    run_http async
    delivered ok
    under_load 0 2
    run_http async
    delivered failed
    look reason | grep -q 'wrk counted [0-9]* answers, the server [0-9]*'
    under_load 0 -2
    run_http async
    delivered failed
    look reason | grep -q 'wrk counted [0-9]* answers, the server [0-9]*'
    under_load 1 0
    run_http floor
    delivered failed
    look reason | grep -q 'errors.* is 1 and must be 0'
    fake_wrk <<'EOF'
exec 4<>"/dev/tcp/127.0.0.1/$port"
until [ "$stopped" ]; do ask; done
echo hello
EOF
    run_http threads
    delivered failed
    look reason | grep -q 'wrk did not report its errors; it said: hello'
}
