/* SPDX-License-Identifier: MIT
 *
 * The floor of fanout.h, which includes it: one bare epoll loop for both ends of all connections.
 * Backends that take their time are looked through for those that are due before each wait.
 */
#ifndef FANOUT_FLOOR_H
#define FANOUT_FLOOR_H

#include "base/socket.h"

#include <sys/epoll.h>
#include <unistd.h>

struct connection {
    int client_fd, backend_fd;
    uint64_t due_ns;      /* when the backend answers; TC_NEVER while it has nothing to */
    uint8_t buffer[ROOM]; /* what was read last, by either end */
};

struct loop {
    struct wl_round *round;
    int epoll_fd;
    uint64_t tasks, fanout, answered, longest_ns;
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

static void answer(struct loop *loop, struct connection *c)
{
    c->due_ns = TC_NEVER;
    WL_EXPECT(loop->round, send(c->backend_fd, c->buffer, MESSAGE_BYTES, MSG_NOSIGNAL),
              MESSAGE_BYTES);
}

static void handle(struct loop *loop, uint64_t tag)
{
    struct connection *c = &loop->connections[tag >> 1];
    ssize_t count = recv(tag & 1 ? c->backend_fd : c->client_fd, c->buffer, ROOM, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN)
        return;
    WL_EXPECT(loop->round, count, MESSAGE_BYTES);
    if (!(tag & 1)) {
        check(loop->round, c->buffer, loop->fanout, tag >> 1);
        loop->answered++;
    } else if (loop->longest_ns == 0) {
        answer(loop, c);
    } else {
        c->due_ns = tc_now_ns() + fanout_delay_ns(loop->longest_ns, loop->fanout, tag >> 1);
    }
}

/* Those whose time has come answer; returns when the next is due. */
static uint64_t answer_due(struct loop *loop)
{
    uint64_t next_ns = TC_NEVER, now_ns = tc_now_ns();
    for (uint64_t i = 0; i < loop->tasks; i++) {
        struct connection *c = &loop->connections[i];
        if (c->due_ns <= now_ns)
            answer(loop, c);
        else if (c->due_ns < next_ns)
            next_ns = c->due_ns;
    }
    return next_ns;
}

static int wait_until(struct loop *loop, struct epoll_event *events, int size, uint64_t deadline_ns)
{
    uint64_t now_ns = deadline_ns == TC_NEVER ? 0 : tc_now_ns();
    struct timespec timeout = tc_timespec(deadline_ns > now_ns ? deadline_ns - now_ns : 0);
    return checked(
        loop->round,
        epoll_pwait2(loop->epoll_fd, events, size, deadline_ns == TC_NEVER ? NULL : &timeout, NULL),
        "epoll_pwait2", 0);
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
        uint64_t next_ns = loop->longest_ns ? answer_due(loop) : TC_NEVER;
        int count = wait_until(loop, events, 256, next_ns);
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

static void fanout_run(struct wl_round *round, uint64_t longest_ns)
{
    struct loop loop = {.round = round, .tasks = wl_tasks(round), .longest_ns = longest_ns};
    loop.epoll_fd = checked(round, epoll_create1(0), "epoll_create1", 0);
    loop.connections = wl_alloc(round, loop.tasks, sizeof *loop.connections);
    for (uint64_t i = 0; i < loop.tasks; i++)
        loop.connections[i].due_ns = TC_NEVER;
    connect_all(&loop);
    for (struct wl_request request; wl_next_request(round, &request);) {
        if (wl_is_open(round))
            sleep_until(request.due_ns);
        wl_request_start(round, &request);
        fan_out(&loop);
        wl_request_end(round, &request);
        if (longest_ns)
            record_excess(round, &request, longest_ns, loop.fanout);
    }
    wl_record_load(round, loop.tasks);
    free(loop.connections);
}

#endif
