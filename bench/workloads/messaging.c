/* SPDX-License-Identifier: MIT
 *
 * Groups of senders and receivers over Unix socket pairs, every sender to every receiver of its
 * group: the load of hackbench and of `perf bench sched messaging` (20 senders and 20 receivers a
 * group, 100 bytes a message), where many tasks are ready at once and buffers run full. An
 * operation is one message; a sample begins when all are told to go and ends when the last receiver
 * has what it was to get.
 *
 * A receiver's descriptor is read by one task; its other end is written by all senders of the
 * group, each through a duplicate of its own, so that each can wait for room by itself. Receivers
 * add up who sent, and compare.
 */
#include "model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GROUP = 40, MESSAGE_BYTES = 100 };

/* Tasks of the group that begins at `first`, half of them senders. */
static uint64_t senders_of(struct wl_round *round, uint64_t first)
{
    uint64_t left = wl_tasks(round) - first;
    return (left < GROUP ? left : GROUP) / 2;
}

static uint64_t receivers_of(struct wl_round *round, uint64_t first)
{
    uint64_t left = wl_tasks(round) - first;
    return (left < GROUP ? left : GROUP) - senders_of(round, first);
}

/* Messages of one lap: every sender to every receiver, once. */
static uint64_t messages_of(struct wl_round *round)
{
    uint64_t sum = 0;
    for (uint64_t first = 0; first < wl_tasks(round); first += GROUP)
        sum += senders_of(round, first) * receivers_of(round, first);
    return sum;
}

static void make_pair(struct wl_round *round, int fds[2], uint64_t index)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
        wl_fail(round, -errno, "socketpair", index);
}

#ifdef MODEL_FLOOR

/* One thread sends each message and takes it off at once. */
static void pass(struct wl_round *round, const int *fds, uint64_t sender)
{
    uint8_t message[MESSAGE_BYTES] = {0};
    uint64_t found;
    memcpy(message, &sender, sizeof sender);
    WL_EXPECT(round, send(fds[1], message, sizeof message, MSG_NOSIGNAL), MESSAGE_BYTES);
    WL_EXPECT(round, recv(fds[0], message, sizeof message, 0), MESSAGE_BYTES);
    memcpy(&found, message, sizeof found);
    WL_EXPECT(round, found, sender);
}

static void lap(struct wl_round *round, const int *fds)
{
    for (uint64_t first = 0; first < wl_tasks(round); first += GROUP)
        for (uint64_t s = 0; s < senders_of(round, first); s++)
            for (uint64_t r = 0; r < receivers_of(round, first); r++)
                pass(round, &fds[2 * (first + r)], s);
}

static void run(struct wl_round *round)
{
    int *fds = wl_alloc(round, 2 * wl_tasks(round), sizeof *fds);
    for (uint64_t first = 0; first < wl_tasks(round); first += GROUP)
        for (uint64_t r = 0; r < receivers_of(round, first); r++)
            make_pair(round, &fds[2 * (first + r)], first + r);
    for (uint64_t laps; (laps = wl_next_sample(round)) > 0;) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t i = 0; i < laps; i++)
            lap(round, fds);
        wl_record(round, tc_now_ns() - start_ns, laps * messages_of(round));
    }
    free(fds);
}

#else

struct shared {
    struct wl_round *round;
    latch_t done;
    bool stop;
    uint64_t laps;
};

TASK(sender, {
    struct shared *shared;
    event_one_t *go;
    io_t *outs; /* one a receiver */
    uint64_t receivers;
    uint64_t index;
    uint64_t lap;
    uint64_t to;
    int64_t sent;
    int64_t result;
    uint8_t message[MESSAGE_BYTES];
})
{
    TASK_BEGIN;
    memcpy(self->message, &self->index, sizeof self->index);
    for (;;) {
        AWAIT(event_one_wait(self->go));
        if (self->shared->stop)
            break;
        for (self->lap = 0; self->lap < self->shared->laps; self->lap++)
            for (self->to = 0; self->to < self->receivers; self->to++)
                for (self->sent = 0; self->sent < MESSAGE_BYTES; self->sent += self->result) {
                    AWAIT_INTO(self->result,
                               io_write(self->outs[self->to], self->message + self->sent,
                                        (size_t)(MESSAGE_BYTES - self->sent)));
                    WL_TRY(self->shared->round, self->result, self->index);
                }
        latch_arrive(&self->shared->done);
    }
    for (uint64_t i = 0; i < self->receivers; i++)
        io_close(&self->outs[i]);
    TASK_END;
}

TASK(receiver, {
    struct shared *shared;
    event_one_t *go;
    io_t in;
    uint64_t senders;
    uint64_t left;
    uint64_t sum;
    int64_t got;
    int64_t result;
    uint8_t message[MESSAGE_BYTES];
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT(event_one_wait(self->go));
        if (self->shared->stop)
            break;
        self->sum = 0;
        for (self->left = self->senders * self->shared->laps; self->left > 0; self->left--) {
            for (self->got = 0; self->got < MESSAGE_BYTES; self->got += self->result) {
                AWAIT_INTO(self->result, io_read(self->in, self->message + self->got,
                                                 (size_t)(MESSAGE_BYTES - self->got)));
                WL_TRY(self->shared->round, self->result, 0);
                WL_EXPECT(self->shared->round, self->result > 0, true);
            }
            uint64_t from;
            memcpy(&from, self->message, sizeof from);
            self->sum += from;
        }
        WL_EXPECT(self->shared->round, self->sum,
                  self->shared->laps * (self->senders * (self->senders - 1) / 2));
        latch_arrive(&self->shared->done);
    }
    io_close(&self->in);
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    struct shared *shared;
    event_one_t *go;
    handle_t *handles;
    io_t *outs; /* GROUP / 2 a sender, at most */
    uint64_t first;
    uint64_t i;
    uint64_t start_ns;
})
{
    TASK_BEGIN;
    for (self->first = 0; self->first < wl_tasks(self->round); self->first += GROUP) {
        uint64_t senders = senders_of(self->round, self->first);
        uint64_t receivers = receivers_of(self->round, self->first);
        for (uint64_t r = 0; r < receivers; r++) {
            uint64_t index = self->first + senders + r;
            int fds[2];
            io_t in;
            make_pair(self->round, fds, index);
            WL_TRY(self->round, io_open(fds[0], &in), index);
            event_one_init(&self->go[index]);
            WL_TRY(
                self->round,
                SPAWN(
                    receiver, &self->handles[index],
                    {.shared = self->shared, .go = &self->go[index], .in = in, .senders = senders}),
                index);
            for (uint64_t s = 0; s < senders; s++) {
                int copy = dup(fds[1]);
                if (copy < 0)
                    wl_fail(self->round, -errno, "dup", index);
                WL_TRY(self->round, io_open(copy, &self->outs[(self->first + s) * GROUP + r]),
                       index);
            }
            close(fds[1]);
        }
        for (uint64_t s = 0; s < senders; s++) {
            uint64_t index = self->first + s;
            event_one_init(&self->go[index]);
            WL_TRY(self->round,
                   SPAWN(sender, &self->handles[index],
                         {.shared = self->shared,
                          .go = &self->go[index],
                          .outs = &self->outs[index * GROUP],
                          .receivers = receivers,
                          .index = s}),
                   index);
        }
    }
    while ((self->shared->laps = wl_next_sample(self->round)) > 0) {
        self->start_ns = tc_now_ns();
        latch_reset(&self->shared->done, wl_tasks(self->round));
        for (uint64_t i = 0; i < wl_tasks(self->round); i++)
            event_one_set(&self->go[i]);
        AWAIT(latch_wait(&self->shared->done));
        wl_record(self->round, tc_now_ns() - self->start_ns,
                  self->shared->laps * messages_of(self->round));
    }
    self->shared->stop = true;
    for (self->i = 0; self->i < wl_tasks(self->round); self->i++) {
        event_one_set(&self->go[self->i]);
        AWAIT(task_join(self->handles[self->i]));
    }
    TASK_END;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    struct shared shared = {.round = round};
    event_one_t *go = wl_alloc(round, tasks, sizeof *go);
    handle_t *handles = wl_alloc(round, tasks, sizeof *handles);
    io_t *outs = wl_alloc(round, tasks * GROUP, sizeof *outs);
    latch_init(&shared.done, 0);
    WL_TRY(round,
           RUN(round, driver,
               {.round = round, .shared = &shared, .go = go, .handles = handles, .outs = outs}),
           0);
    free(go);
    free(handles);
    free(outs);
}

#endif

const struct workload messaging = {
    .name = "messaging",
    .question = "what does a message cost when many tasks send to many (hackbench)?",
    .metrics = {{.name = "message", .unit = "ns"}},
    .sweeps = {{"default", "", "one-core", "40", ""},
               {"full", "", "one-core", "400", ""},
               {"full", "async,threads", "free", "40", ""},
               {"full", "async,threads", "free,all", "400", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 40,
    .run = run,
};
