/* SPDX-License-Identifier: MIT
 *
 * One request to each of N echo backends over loopback TCP, and the wait for all answers. Every
 * backend is a task with a connection, and so is every client: the driver starts the clients of a
 * fan-out and waits until the last has its answer. A sample is one whole fan-out; the next one
 * begins at once, or at its planned time (load=open). Shared by fanout-tcp, whose backends answer
 * at once, and fanout-delay, whose backends sleep first.
 *
 * Both sides read with room for more than a message, so that a read comes back short and shows the
 * stream to be drained. Each answer is compared with its request.
 */
#ifndef FANOUT_H
#define FANOUT_H

#include "model.h"

#include "base/rng.h"

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

/* How long a backend takes over a request, at most `longest_ns`: drawn, the same in all models. */
static uint64_t fanout_delay_ns(uint64_t longest_ns, uint64_t fanout, uint64_t client)
{
    struct tc_rng rng;
    tc_rng_seed(&rng, fanout << 32 ^ client);
    return tc_rng_below(&rng, longest_ns + 1);
}

/* What the fan-out that has just ended took beyond the longest of its delays. */
static void record_excess(struct wl_round *round, const struct wl_request *request,
                          uint64_t longest_ns, uint64_t fanout)
{
    uint64_t elapsed_ns = tc_now_ns() - request->start_ns, needed_ns = 0;
    for (uint64_t i = 0; i < wl_tasks(round); i++) {
        uint64_t delay_ns = fanout_delay_ns(longest_ns, fanout, i);
        needed_ns = delay_ns > needed_ns ? delay_ns : needed_ns;
    }
    wl_record_extra(round, "excess", elapsed_ns > needed_ns ? (double)(elapsed_ns - needed_ns) : 0);
}

#ifdef MODEL_FLOOR

#include "fanout_floor.h"

#else

struct shared {
    struct wl_round *round;
    latch_t answered;
    bool stop;
    uint64_t fanout;
    uint64_t longest_ns; /* of a backend's delay; 0 for none */
};

/* Echoes until the client closes. */
TASK(backend, {
    struct shared *shared;
    uint64_t index;
    io_t io;
    sleep_timer_t timer;
    uint64_t due_ns;
    int64_t count;
    int64_t sent;
    int64_t result;
    uint8_t buffer[ROOM];
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT_INTO(self->count, io_read(self->io, self->buffer, ROOM));
        WL_TRY(self->shared->round, self->count, self->index);
        if (self->count == 0)
            break;
        if (self->shared->longest_ns) {
            self->due_ns = tc_now_ns() + fanout_delay_ns(self->shared->longest_ns,
                                                         self->shared->fanout, self->index);
            AWAIT(sleep_until(&self->timer, self->due_ns));
        }
        for (self->sent = 0; self->sent < self->count; self->sent += self->result) {
            AWAIT_INTO(self->result, io_write(self->io, self->buffer + self->sent,
                                              (size_t)(self->count - self->sent)));
            WL_TRY(self->shared->round, self->result, self->index);
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
                     {.shared = self->shared, .index = self->i, .io = self->backend_io}),
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
        if (self->shared->longest_ns)
            record_excess(self->round, &self->request, self->shared->longest_ns,
                          self->shared->fanout);
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

static void fanout_run(struct wl_round *round, uint64_t longest_ns)
{
    uint64_t tasks = wl_tasks(round);
    struct shared shared = {.round = round, .longest_ns = longest_ns};
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
#endif
