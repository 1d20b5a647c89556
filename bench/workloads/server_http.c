/* SPDX-License-Identifier: MIT
 *
 * An HTTP/1.1 server under wrk, a real load generator: a task a connection, kept alive, each
 * request answered with the same JSON. What is read and what is answered is decided by
 * http/connection.h in all models and in the floor, a bare epoll loop, so that they differ only in
 * how they wait.
 *
 * wrk keeps every connection busy, so a sample is a slice of time and the answers given in it. The
 * throughput is the server's where wrk has PUs of its own and does not reach its own end first:
 * compare cpu_time too, which is the server's alone.
 */
#include "model.h"

#include "http_task.h"
#include "wrk.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* wrk opens one connection more at first, to see whether somebody answers. */
enum { SPARE = 4 };

static void answer(void *context, const struct http_call *call, struct http_response *response)
{
    static const char json[] = "{\"message\":\"Hello, world!\"}";
    (void)context, (void)call;
    response->type = "application/json";
    response->body = json;
    response->size = sizeof json - 1;
}

struct server {
    struct wl_round *round;
    struct http_service service;
    struct wrk wrk;
    struct place *places;
    uint64_t accepted; /* by the one who accepts */
};

static void server_init(struct server *server, struct wl_round *round)
{
    if (!wrk_is_there())
        wl_skip(round, "wrk is not installed; the package wrk has it (scripts/install-deps.sh)");
    if (wrk_is_followed())
        wl_skip(round, "the system calls of wrk, which is followed too, would be counted");
    *server = (struct server){.round = round, .service = {.answer = answer}};
    http_service_defaults(&server->service);
    server->places = wl_alloc(round, wl_tasks(round) + SPARE, sizeof *server->places);
}

static uint64_t answered(const struct server *server)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < wl_tasks(server->round) + SPARE; i++)
        sum += __atomic_load_n(&server->places[i].answered, __ATOMIC_RELAXED);
    return sum;
}

static struct place *new_place(struct server *server)
{
    if (server->accepted == wl_tasks(server->round) + SPARE)
        wl_wrong(server->round, "wrk opens more connections than it was told to: it lost some");
    struct place *place = &server->places[server->accepted++];
    if (!place_open(place, &server->service))
        wl_fail(server->round, -ENOMEM, "allocating a connection", server->accepted);
    return place;
}

/* How long a sample is. */
static uint64_t slice_ns(struct wl_round *round)
{
    enum { SLICES = 20 };
    uint64_t slice = wl_time_ns(round) / SLICES;
    return slice > TC_NS_PER_MS ? slice : TC_NS_PER_MS;
}

static struct sockaddr_in loopback(void)
{
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static uint16_t port_of(int listener_fd)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;
    MUST(getsockname(listener_fd, (struct sockaddr *)&address, &length) == 0);
    return ntohs(address.sin_port);
}

static void finish(struct server *server)
{
    wl_record_throughput(server->round, "throughput", 1);
    wrk_finish(&server->wrk, server->round, answered(server), wl_tasks(server->round));
    free(server->places);
}

#ifdef MODEL_FLOOR

#include "base/socket.h"

#include <sys/epoll.h>

/* What an event is of, where not of a place. */
enum { LISTENER = -1, OUTPUT = -2 };

struct loop {
    struct server server;
    int epoll_fd, listener_fd;
    int *fds;
    uint64_t open;
    bool wrk_ended;
};

static int checked(struct loop *loop, int result, const char *what)
{
    if (result < 0)
        wl_fail(loop->server.round, -errno, what, 0);
    return result;
}

static void watch(struct loop *loop, int fd, int64_t tag, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u64 = (uint64_t)tag};
    checked(loop, epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

static void accept_one(struct loop *loop)
{
    int fd = checked(loop, accept4(loop->listener_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC),
                     "accept");
    tc_socket_set_nodelay(fd, AF_INET);
    uint64_t index = loop->server.accepted;
    new_place(&loop->server);
    loop->fds[index] = fd;
    loop->open++;
    watch(loop, fd, (int64_t)index, EPOLLIN | EPOLLRDHUP | EPOLLOUT | EPOLLET);
}

static void close_place(struct loop *loop, uint64_t index)
{
    close(loop->fds[index]);
    place_close(&loop->server.places[index]);
    loop->open--;
}

/* As far as it goes without waiting. A read that came back short has drained the socket, unless its
 * end was announced with the event. */
static void serve(struct loop *loop, uint64_t index, bool hung_up)
{
    struct place *place = &loop->server.places[index];
    int fd = loop->fds[index];
    bool drained = false;
    for (;;) {
        size_t size;
        ssize_t count;
        enum http_wants wants = http_connection_wants(place->http);
        if (wants == HTTP_CLOSE) {
            close_place(loop, index);
            return;
        } else if (wants == HTTP_SHUT) {
            shutdown(fd, SHUT_WR);
            http_connection_shut(place->http);
        } else if (wants == HTTP_WRITE) {
            const char *bytes = http_connection_output(place->http, &size);
            if ((count = send(fd, bytes, size, MSG_NOSIGNAL)) < 0 && errno == EAGAIN)
                return;
            place_sent(place, count);
        } else {
            char *room = http_connection_room(place->http, &size);
            if (drained || ((count = recv(fd, room, size, 0)) < 0 && errno == EAGAIN))
                return;
            drained = count > 0 && (size_t)count < size && !hung_up;
            place_received(place, count);
        }
    }
}

static void take_output(struct loop *loop)
{
    struct wrk *wrk = &loop->server.wrk;
    ssize_t count = read(wrk->output, wrk->report + wrk->size, WRK_REPORT_BYTES - wrk->size);
    wrk->size += count > 0 ? (size_t)count : 0;
    loop->wrk_ended = count == 0;
}

static void turn(struct loop *loop, int timeout_ms)
{
    struct epoll_event events[256];
    int count = epoll_wait(loop->epoll_fd, events, 256, timeout_ms);
    for (int i = 0; i < count; i++) {
        int64_t tag = (int64_t)events[i].data.u64;
        if (tag == LISTENER)
            accept_one(loop);
        else if (tag == OUTPUT)
            take_output(loop);
        else
            serve(loop, (uint64_t)tag, events[i].events & (EPOLLHUP | EPOLLERR | EPOLLRDHUP));
    }
}

static void serve_until(struct loop *loop, uint64_t deadline_ns)
{
    for (uint64_t now_ns; (now_ns = tc_now_ns()) < deadline_ns;)
        turn(loop, (int)((deadline_ns - now_ns) / TC_NS_PER_MS) + 1);
}

static void prepare(struct loop *loop)
{
    struct sockaddr_in address = loopback();
    loop->epoll_fd = checked(loop, epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    loop->listener_fd =
        tc_socket_listen((struct sockaddr *)&address, sizeof address, SOMAXCONN, SOCK_NONBLOCK);
    WL_TRY(loop->server.round, loop->listener_fd, 0);
    watch(loop, loop->listener_fd, LISTENER, EPOLLIN);
}

static void run(struct wl_round *round)
{
    struct loop loop = {0};
    server_init(&loop.server, round);
    loop.fds = wl_alloc(round, wl_tasks(round) + SPARE, sizeof *loop.fds);
    prepare(&loop);
    wrk_start(&loop.server.wrk, round, port_of(loop.listener_fd), wl_tasks(round));
    watch(&loop, loop.server.wrk.output, OUTPUT, EPOLLIN);
    while (answered(&loop.server) < wl_tasks(round)) {
        wrk_expect_alive(&loop.server.wrk, round);
        serve_until(&loop, tc_now_ns() + TC_NS_PER_MS);
    }
    while (wl_next_single(round)) {
        uint64_t start_ns = tc_now_ns(), before = answered(&loop.server);
        wrk_expect_alive(&loop.server.wrk, round);
        serve_until(&loop, start_ns + slice_ns(round));
        wl_record(round, tc_now_ns() - start_ns, answered(&loop.server) - before);
    }
    wrk_stop(&loop.server.wrk);
    while (!loop.wrk_ended || loop.open > 0)
        turn(&loop, -1);
    finish(&loop.server);
    free(loop.fds);
}

#else

/* Accepts until the listener is shut down, and then waits for all connections. */
TASK(acceptor, {
    struct server *server;
    handle_t *connections;
    io_t listener;
    io_t io;
    uint64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT_INTO(self->result, io_accept(self->listener, &self->io));
        if (self->result == -EINVAL)
            break;
        WL_TRY(self->server->round, self->result, self->server->accepted);
        self->i = self->server->accepted;
        WL_TRY(self->server->round,
               SPAWN(http_task, &self->connections[self->i],
                     {.place = new_place(self->server), .io = self->io}),
               self->i);
    }
    for (self->i = 0; self->i < self->server->accepted; self->i++)
        AWAIT(task_join(self->connections[self->i]));
    io_close(&self->listener);
    TASK_END;
}

TASK(driver, {
    struct server *server;
    handle_t *connections;
    handle_t acceptor;
    struct sockaddr_in address;
    io_t listener;
    io_t output;
    int listener_fd;
    sleep_timer_t timer;
    uint64_t start_ns;
    uint64_t deadline_ns;
    uint64_t before;
    int64_t count;
})
{
    struct wl_round *round = self->server->round;
    struct wrk *wrk = &self->server->wrk;
    TASK_BEGIN;
    self->address = loopback();
    WL_TRY(round,
           io_listen((struct sockaddr *)&self->address, sizeof self->address, SOMAXCONN,
                     &self->listener),
           0);
    self->listener_fd = io_fd(self->listener);
    wrk_start(wrk, round, port_of(self->listener_fd), wl_tasks(round));
    WL_TRY(round, io_open(wrk->output, &self->output), 0);
    WL_TRY(
        round,
        SPAWN(
            acceptor, &self->acceptor,
            {.server = self->server, .connections = self->connections, .listener = self->listener}),
        0);
    while (answered(self->server) < wl_tasks(round)) {
        wrk_expect_alive(wrk, round);
        self->deadline_ns = tc_now_ns() + TC_NS_PER_MS;
        AWAIT(sleep_until(&self->timer, self->deadline_ns));
    }
    while (wl_next_single(round)) {
        self->start_ns = tc_now_ns();
        self->before = answered(self->server);
        wrk_expect_alive(wrk, round);
        self->deadline_ns = self->start_ns + slice_ns(round);
        AWAIT(sleep_until(&self->timer, self->deadline_ns));
        wl_record(round, tc_now_ns() - self->start_ns, answered(self->server) - self->before);
    }
    wrk_stop(wrk);
    do {
        AWAIT_INTO(self->count,
                   io_read(self->output, wrk->report + wrk->size, WRK_REPORT_BYTES - wrk->size));
        WL_TRY(round, self->count, 0);
        wrk->size += (size_t)self->count;
    } while (self->count > 0);
    shutdown(self->listener_fd, SHUT_RDWR);
    AWAIT(task_join(self->acceptor));
    io_close(&self->output);
    TASK_END;
}

static void run(struct wl_round *round)
{
    struct server server;
    server_init(&server, round);
    handle_t *connections = wl_alloc(round, wl_tasks(round) + SPARE, sizeof *connections);
    WL_TRY(round, RUN(round, driver, {.server = &server, .connections = connections}), 0);
    finish(&server);
    free(connections);
}

#endif

const struct workload server_http = {
    .name = "server-http",
    .question = "what does a request to an HTTP server cost under a load generator (wrk)?",
    .metrics = {{.name = "request", .unit = "ns"},
                {.name = "throughput", .unit = "1/s"},
                {.name = "latency_p50", .unit = "ns", .beside = true},
                {.name = "latency_p99", .unit = "ns", .beside = true},
                {.name = "latency_p999", .unit = "ns", .beside = true},
                {.name = "latency_max", .unit = "ns", .beside = true}},
    .params =
        {{"client", "aside,same",
          "where wrk runs: aside of the server's PUs, where there are others, or on the same"}},
    .sweeps = {{"default", "", "one-core", "50", ""},
               {"default", "", "one-core", "1000", ""},
               {"full", "", "one-core", "50", "client=same"},
               {"full", "", "free", "50", ""}},
    .unsupported = {{"threads-pool", "a connection keeps its thread while it lives; those beyond "
                                     "the pool's threads would never be served"}},
    .tasks_min = 1,
    .tasks_default = 50,
    .run = run,
};
