/* SPDX-License-Identifier: MIT
 *
 * One request to each of N echo backends over loopback TCP, and the wait for all answers. Every
 * backend is a task with a connection, and so is every client: the driver starts the clients of a
 * fan-out and waits until the last has its answer. A sample is one whole fan-out; the next one
 * begins at once, or at its planned time (load=open).
 *
 * Both sides read with room for more than a message, so that a read comes back short and shows the
 * stream to be drained. Each answer is compared with its request.
 */
#include "model.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { MESSAGE_BYTES = 64, ROOM = 2 * MESSAGE_BYTES };

static struct sockaddr_in loopback(void)
{
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* The port that the kernel chose. */
static void learn_port(int listener_fd, struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    MUST(getsockname(listener_fd, (struct sockaddr *)address, &length) == 0);
}

/* What a request says: no two fan-outs and no two clients the same. */
static void compose(uint8_t *message, uint64_t fanout, uint64_t client)
{
    memset(message, (int)(fanout + client), MESSAGE_BYTES);
    memcpy(message, &fanout, sizeof fanout);
    memcpy(message + sizeof fanout, &client, sizeof client);
}

static void check(struct wl_round *round, const uint8_t *answer, uint64_t fanout, uint64_t client)
{
    uint8_t expected[MESSAGE_BYTES];
    compose(expected, fanout, client);
    if (memcmp(answer, expected, MESSAGE_BYTES) != 0)
        wl_wrong(round, "backend %llu did not echo its request", (unsigned long long)client);
}

#ifdef MODEL_FLOOR

#include "base/socket.h"

#include <sys/epoll.h>
#include <unistd.h>

/* One bare epoll loop for both ends of all connections. */
struct connection {
    int client_fd, backend_fd;
};

struct loop {
    struct wl_round *round;
    int epoll_fd;
    uint64_t tasks, fanout, answered;
    struct connection *connections;
};

static int checked(struct wl_round *round, int result, const char *what, uint64_t index)
{
    if (result < 0)
        wl_fail(round, -errno, what, index);
    return result;
}

static void watch(struct loop *loop, int fd, uint64_t index, bool backend)
{
    tc_socket_set_nodelay(fd, AF_INET);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u64 = index << 1 | backend};
    checked(loop->round, epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event), "epoll_ctl", index);
}

static void connect_all(struct loop *loop)
{
    struct sockaddr_in address = loopback();
    int listener = tc_socket_listen((struct sockaddr *)&address, sizeof address, SOMAXCONN, 0);
    WL_TRY(loop->round, listener, 0);
    learn_port(listener, &address);
    for (uint64_t i = 0; i < loop->tasks; i++) {
        struct connection *c = &loop->connections[i];
        c->client_fd = checked(loop->round, socket(AF_INET, SOCK_STREAM, 0), "socket", i);
        checked(loop->round, connect(c->client_fd, (struct sockaddr *)&address, sizeof address),
                "connect", i);
        c->backend_fd =
            checked(loop->round, accept4(listener, NULL, NULL, SOCK_NONBLOCK), "accept", i);
        watch(loop, c->client_fd, i, false);
        watch(loop, c->backend_fd, i, true);
    }
    close(listener);
}

static void handle(struct loop *loop, uint64_t tag)
{
    struct connection *c = &loop->connections[tag >> 1];
    uint8_t buffer[ROOM];
    ssize_t count = recv(tag & 1 ? c->backend_fd : c->client_fd, buffer, ROOM, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN)
        return;
    WL_EXPECT(loop->round, count, MESSAGE_BYTES);
    if (tag & 1) {
        WL_EXPECT(loop->round, send(c->backend_fd, buffer, MESSAGE_BYTES, MSG_NOSIGNAL),
                  MESSAGE_BYTES);
    } else {
        check(loop->round, buffer, loop->fanout, tag >> 1);
        loop->answered++;
    }
}

static void fan_out(struct loop *loop)
{
    uint8_t message[MESSAGE_BYTES];
    loop->fanout++;
    loop->answered = 0;
    for (uint64_t i = 0; i < loop->tasks; i++) {
        compose(message, loop->fanout, i);
        WL_EXPECT(loop->round,
                  send(loop->connections[i].client_fd, message, MESSAGE_BYTES, MSG_NOSIGNAL),
                  MESSAGE_BYTES);
    }
    struct epoll_event events[256];
    while (loop->answered < loop->tasks) {
        int count =
            checked(loop->round, epoll_wait(loop->epoll_fd, events, 256, -1), "epoll_wait", 0);
        for (int i = 0; i < count; i++)
            handle(loop, events[i].data.u64);
    }
}

static void sleep_until(uint64_t deadline_ns)
{
    struct timespec deadline = tc_timespec(deadline_ns);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR)
        ;
}

static void run(struct wl_round *round)
{
    struct loop loop = {.round = round, .tasks = wl_tasks(round)};
    loop.epoll_fd = checked(round, epoll_create1(0), "epoll_create1", 0);
    loop.connections = wl_alloc(round, loop.tasks, sizeof *loop.connections);
    connect_all(&loop);
    for (struct wl_request request; wl_next_request(round, &request);) {
        if (wl_is_open(round))
            sleep_until(request.due_ns);
        wl_request_start(round, &request);
        fan_out(&loop);
        wl_request_end(round, &request);
    }
    wl_record_load(round, loop.tasks);
    free(loop.connections);
}

#else

struct shared {
    struct wl_round *round;
    latch_t answered;
    bool stop;
    uint64_t fanout;
};

/* Echoes until the client closes. */
TASK(backend, {
    struct wl_round *round;
    io_t io;
    int64_t count;
    int64_t sent;
    int64_t result;
    uint8_t buffer[ROOM];
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT_INTO(self->count, io_read(self->io, self->buffer, ROOM));
        WL_TRY(self->round, self->count, 0);
        if (self->count == 0)
            break;
        for (self->sent = 0; self->sent < self->count; self->sent += self->result) {
            AWAIT_INTO(self->result, io_write(self->io, self->buffer + self->sent,
                                              (size_t)(self->count - self->sent)));
            WL_TRY(self->round, self->result, 0);
        }
    }
    io_close(&self->io);
    TASK_END;
}

/* One request and its answer each time it is told to go. */
TASK(client, {
    struct shared *shared;
    event_one_t *go;
    uint64_t index;
    io_t io;
    int64_t done;
    int64_t result;
    uint8_t buffer[ROOM];
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT(event_one_wait(self->go));
        if (self->shared->stop)
            break;
        compose(self->buffer, self->shared->fanout, self->index);
        for (self->done = 0; self->done < MESSAGE_BYTES; self->done += self->result) {
            AWAIT_INTO(self->result, io_write(self->io, self->buffer + self->done,
                                              (size_t)(MESSAGE_BYTES - self->done)));
            WL_TRY(self->shared->round, self->result, self->index);
        }
        memset(self->buffer, 0, MESSAGE_BYTES);
        for (self->done = 0; self->done < MESSAGE_BYTES; self->done += self->result) {
            AWAIT_INTO(self->result,
                       io_read(self->io, self->buffer + self->done, (size_t)(ROOM - self->done)));
            if (self->result == 0)
                wl_wrong(self->shared->round, "backend %llu has closed its connection",
                         (unsigned long long)self->index);
            WL_TRY(self->shared->round, self->result, self->index);
        }
        check(self->shared->round, self->buffer, self->shared->fanout, self->index);
        latch_arrive(&self->shared->answered);
    }
    io_close(&self->io);
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    struct shared *shared;
    event_one_t *go;
    handle_t *backends;
    handle_t *clients;
    struct sockaddr_in address;
    io_t listener;
    io_t client_io;
    io_t backend_io;
    struct wl_request request;
    sleep_timer_t timer;
    uint64_t i;
    int64_t result;
})
{
    TASK_BEGIN;
    self->address = loopback();
    WL_TRY(self->round,
           io_listen((struct sockaddr *)&self->address, sizeof self->address, SOMAXCONN,
                     &self->listener),
           0);
    learn_port(io_fd(self->listener), &self->address);
    for (self->i = 0; self->i < wl_tasks(self->round); self->i++) {
        self->client_io = IO_NONE;
        AWAIT_INTO(self->result, io_connect((struct sockaddr *)&self->address, sizeof self->address,
                                            &self->client_io));
        WL_TRY(self->round, self->result, self->i);
        AWAIT_INTO(self->result, io_accept(self->listener, &self->backend_io));
        WL_TRY(self->round, self->result, self->i);
        event_one_init(&self->go[self->i]);
        WL_TRY(self->round,
               SPAWN(backend, &self->backends[self->i],
                     {.round = self->round, .io = self->backend_io}),
               self->i);
        WL_TRY(self->round,
               SPAWN(client, &self->clients[self->i],
                     {.shared = self->shared,
                      .go = &self->go[self->i],
                      .index = self->i,
                      .io = self->client_io}),
               self->i);
    }
    io_close(&self->listener);
    while (wl_next_request(self->round, &self->request)) {
        if (wl_is_open(self->round))
            AWAIT(sleep_until(&self->timer, self->request.due_ns));
        wl_request_start(self->round, &self->request);
        self->shared->fanout++;
        latch_reset(&self->shared->answered, wl_tasks(self->round));
        for (uint64_t i = 0; i < wl_tasks(self->round); i++)
            event_one_set(&self->go[i]);
        AWAIT(latch_wait(&self->shared->answered));
        wl_request_end(self->round, &self->request);
    }
    wl_record_load(self->round, wl_tasks(self->round));
    self->shared->stop = true;
    for (self->i = 0; self->i < wl_tasks(self->round); self->i++) {
        event_one_set(&self->go[self->i]);
        AWAIT(task_join(self->clients[self->i]));
        AWAIT(task_join(self->backends[self->i]));
    }
    TASK_END;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    struct shared shared = {.round = round};
    event_one_t *go = wl_alloc(round, tasks, sizeof *go);
    handle_t *backends = wl_alloc(round, tasks, sizeof *backends);
    handle_t *clients = wl_alloc(round, tasks, sizeof *clients);
    latch_init(&shared.answered, 0);
    WL_TRY(round,
           RUN(round, driver,
               {.round = round,
                .shared = &shared,
                .go = go,
                .backends = backends,
                .clients = clients}),
           0);
    free(go);
    free(backends);
    free(clients);
}

#endif

const struct workload fanout_tcp = {
    .name = "fanout-tcp",
    .question = "how long does one request to N backends take until all have answered?",
    .metrics = {WL_LOAD_METRICS},
    .params = {WL_LOAD_PARAMS},
    .sweeps = {{"quick", "", "one-core", "10,100", ""},
               {"quick", "async,threads", "all", "100", ""},
               {"default", "", "one-core", "1,1000", ""},
               {"default", "", "one-core", "10,100", "load=open"},
               {"default", "async,threads", "all", "10,1000", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 100,
    .run = run,
};
