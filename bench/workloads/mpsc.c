/* SPDX-License-Identifier: MIT
 *
 * N tasks, one of which, the driver, receives what all the others send through one channel. Each
 * message says who sent it and is numbered: they come whole, and each sender's in order. A sample
 * begins when the senders are told to go.
 */
#include "model.h"

#include <stdlib.h>

/* The sender in the upper bits, the number of its message below. */
enum { NUMBER_BITS = 40 };

static inline int64_t compose(uint64_t sender, uint64_t number)
{
    return (int64_t)(sender << NUMBER_BITS | number);
}

/* `expected` holds the number of each sender's next message. */
static inline void check(struct wl_round *round, uint64_t *expected, int64_t message)
{
    uint64_t sender = (uint64_t)message >> NUMBER_BITS;
    WL_EXPECT(round, message, compose(sender, expected[sender]));
    expected[sender]++;
}

#ifdef MODEL_FLOOR

/* The senders' messages into a ring, and out of it when it is full. */
static void run(struct wl_round *round)
{
    uint64_t senders = wl_tasks(round) - 1,
             capacity = wl_param_count(round, "capacity", 1, 1 << 30), laps;
    uint64_t *sent = wl_alloc(round, senders, sizeof *sent);
    uint64_t *expected = wl_alloc(round, senders, sizeof *expected);
    int64_t *ring = wl_alloc(round, capacity, sizeof *ring);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t sender = 0, start_ns = tc_now_ns();
        for (uint64_t left = laps * senders, burst; left > 0; left -= burst) {
            burst = left < capacity ? left : capacity;
            for (uint64_t i = 0; i < burst; i++) {
                ring[i] = compose(sender, sent[sender]++);
                sender = sender + 1 < senders ? sender + 1 : 0;
            }
            __asm__ volatile("" : : : "memory");
            for (uint64_t i = 0; i < burst; i++)
                check(round, expected, ring[i]);
        }
        wl_record(round, tc_now_ns() - start_ns, laps * senders);
    }
    free(ring);
    free(expected);
    free(sent);
}

#else

struct shared {
    struct wl_round *round;
    chan_t chan;
    uint64_t senders;
    uint64_t laps;
    bool stop;
    event_one_t *go;
    handle_t *handles;
    uint64_t *expected;
};

TASK(sender, {
    struct shared *shared;
    uint64_t index;
    uint64_t number;
    uint64_t left;
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT(event_one_wait(&self->shared->go[self->index]));
        if (self->shared->stop)
            break;
        for (self->left = self->shared->laps; self->left > 0; self->left--) {
            AWAIT(chan_send(self->shared->chan, compose(self->index, self->number)));
            self->number++;
        }
    }
    TASK_END;
}

TASK(driver, {
    struct shared *shared;
    uint64_t left;
    uint64_t start_ns;
    int64_t message;
})
{
    TASK_BEGIN;
    for (uint64_t i = 0; i < self->shared->senders; i++) {
        event_one_init(&self->shared->go[i]);
        WL_TRY(self->shared->round,
               SPAWN(sender, &self->shared->handles[i], {.shared = self->shared, .index = i}), i);
    }
    while ((self->shared->laps = wl_next_sample(self->shared->round)) > 0) {
        self->start_ns = tc_now_ns();
        for (uint64_t i = 0; i < self->shared->senders; i++)
            event_one_set(&self->shared->go[i]);
        for (self->left = self->shared->laps * self->shared->senders; self->left > 0;
             self->left--) {
            AWAIT(chan_recv(self->shared->chan, &self->message));
            check(self->shared->round, self->shared->expected, self->message);
        }
        wl_record(self->shared->round, tc_now_ns() - self->start_ns,
                  self->shared->laps * self->shared->senders);
    }
    self->shared->stop = true;
    for (self->left = self->shared->senders; self->left > 0; self->left--) {
        event_one_set(&self->shared->go[self->left - 1]);
        AWAIT(task_join(self->shared->handles[self->left - 1]));
    }
    TASK_END;
}

static void run(struct wl_round *round)
{
    struct shared shared = {.round = round, .senders = wl_tasks(round) - 1};
    shared.go = wl_alloc(round, shared.senders, sizeof *shared.go);
    shared.handles = wl_alloc(round, shared.senders, sizeof *shared.handles);
    shared.expected = wl_alloc(round, shared.senders, sizeof *shared.expected);
    shared.chan = chan_new((uint32_t)wl_param_count(round, "capacity", 1, 1 << 30));
    if (!shared.chan)
        wl_fail(round, -ENOMEM, "chan_new", 0);
    WL_TRY(round, RUN(round, driver, {.shared = &shared}), 0);
    chan_free(shared.chan);
    free(shared.expected);
    free(shared.handles);
    free(shared.go);
}

#endif

const struct workload mpsc = {
    .name = "mpsc",
    .question = "what does a message cost when many tasks send to one?",
    .metrics = {{.name = "message", .unit = "ns"}},
    .params = {{"capacity", "100,1,10000,...", "messages that the channel holds"}},
    .sweeps = {{"default", "async,threads,floor", "one-core", "17", ""},
               {"default", "async,threads,floor", "one-core", "2", ""},
               {"default", "async,threads,floor", "one-core", "17", "capacity=1"},
               {"default", "async,threads", "all", "17", ""},
               {"full", "async,threads", "all", "17", "capacity=1|10000"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 17,
    .run = run,
};
