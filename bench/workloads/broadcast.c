/* SPDX-License-Identifier: MIT
 *
 * One of N tasks, the driver, tells all the others the same, through a channel that keeps the last
 * `capacity` messages and never makes its sender wait. After as many of them the sender waits for
 * everybody (sender=waits), so that nobody loses any; or it only lets the others run after each
 * (sender=yields), and who is too slow loses some and is told how many. Messages are numbered: what
 * each receiver has seen and what it has lost must add up to what was sent. An operation is one
 * message for one receiver.
 */
#include "model.h"

#include <stdlib.h>

#ifdef MODEL_FLOOR

/* Messages into a ring, and out of it once for each receiver when it is full. */
static void run(struct wl_round *round)
{
    uint64_t receivers = wl_tasks(round) - 1,
             capacity = wl_param_count(round, "capacity", 1, 1 << 30), laps, number = 0;
    int64_t *ring = wl_alloc(round, capacity, sizeof *ring);
    uint64_t *seen = wl_alloc(round, receivers, sizeof *seen);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t left = laps, burst; left > 0; left -= burst) {
            burst = left < capacity ? left : capacity;
            for (uint64_t i = 0; i < burst; i++)
                ring[i] = (int64_t)number++;
            __asm__ volatile("" : : : "memory");
            for (uint64_t r = 0; r < receivers; r++)
                for (uint64_t i = 0; i < burst; i++, seen[r]++)
                    WL_EXPECT(round, ring[i], seen[r]);
        }
        wl_record(round, tc_now_ns() - start_ns, laps * receivers);
    }
    free(seen);
    free(ring);
}

#else

/* A message is its number, and whether the sender waits until it has been seen. */
enum { LAST = 1, NUMBER_SHIFT };

struct shared {
    struct wl_round *round;
    broadcast_t broadcast;
    uint64_t receivers;
    broadcast_receiver_t *receiver; /* of each */
    handle_t *handles;
    latch_t seen;  /* by all, the last */
    uint64_t lost; /* by all together */
};

TASK(receiver, {
    struct shared *shared;
    broadcast_receiver_t *from;
    uint64_t number; /* of the next message */
    int64_t message;
    int64_t result;
})
{
    TASK_BEGIN;
    for (;;) {
        AWAIT_INTO(self->result, broadcast_recv(self->from, &self->message));
        if (self->result < 0)
            break;
        if (self->result > 0) {
            __atomic_fetch_add(&self->shared->lost, (uint64_t)self->result, __ATOMIC_RELAXED);
            self->number += (uint64_t)self->result;
            continue;
        }
        WL_EXPECT(self->shared->round, self->message >> NUMBER_SHIFT, self->number);
        self->number++;
        if (self->message & LAST)
            latch_arrive(&self->shared->seen);
    }
    WL_EXPECT(self->shared->round, self->result, -EPIPE);
    TASK_RETURN(self->number);
    TASK_END;
}

TASK(driver, {
    struct shared *shared;
    uint64_t burst; /* messages after which it waits for all; 0 for not */
    uint64_t number;
    uint64_t laps;
    uint64_t left;
    uint64_t start_ns;
    uint64_t i;
    int64_t result;
    bool last;
})
{
    TASK_BEGIN;
    for (uint64_t i = 0; i < self->shared->receivers; i++) {
        broadcast_subscribe(self->shared->broadcast, &self->shared->receiver[i]);
        WL_TRY(self->shared->round,
               SPAWN(receiver, &self->shared->handles[i],
                     {.shared = self->shared, .from = &self->shared->receiver[i]}),
               i);
    }
    while ((self->laps = wl_next_sample(self->shared->round)) > 0) {
        self->shared->lost = 0;
        self->start_ns = tc_now_ns();
        for (self->left = self->laps; self->left > 0; self->left--) {
            self->last = self->left == 1 ||
                         (self->burst && (self->laps - self->left + 1) % self->burst == 0);
            if (self->last)
                latch_reset(&self->shared->seen, self->shared->receivers);
            WL_TRY(self->shared->round,
                   broadcast_send(self->shared->broadcast,
                                  (int64_t)(self->number++ << NUMBER_SHIFT) | self->last),
                   0);
            if (self->last)
                AWAIT(latch_wait(&self->shared->seen));
            else if (!self->burst)
                AWAIT(task_yield());
        }
        uint64_t elapsed_ns = tc_now_ns() - self->start_ns;
        uint64_t deliveries = self->laps * self->shared->receivers;
        if (!self->burst)
            wl_record_extra(self->shared->round, "lost",
                            (double)self->shared->lost / (double)deliveries);
        wl_record(self->shared->round, elapsed_ns, deliveries);
    }
    broadcast_close(self->shared->broadcast);
    for (self->i = 0; self->i < self->shared->receivers; self->i++) {
        AWAIT_INTO(self->result, task_join(self->shared->handles[self->i]));
        WL_EXPECT(self->shared->round, self->result, self->number);
    }
    TASK_END;
}

static void run(struct wl_round *round)
{
    struct shared shared = {.round = round, .receivers = wl_tasks(round) - 1};
    uint64_t capacity = wl_param_count(round, "capacity", 1, 1 << 30);
    shared.receiver = wl_alloc(round, shared.receivers, sizeof *shared.receiver);
    shared.handles = wl_alloc(round, shared.receivers, sizeof *shared.handles);
    shared.broadcast = broadcast_new((uint32_t)capacity);
    if (!shared.broadcast)
        wl_fail(round, -ENOMEM, "broadcast_new", 0);
    latch_init(&shared.seen, 0);
    WL_TRY(round,
           RUN(round, driver,
               {.shared = &shared, .burst = wl_param_is(round, "sender", "waits") ? capacity : 0}),
           0);
    broadcast_free(shared.broadcast);
    free(shared.handles);
    free(shared.receiver);
}

#endif

const struct workload broadcast = {
    .name = "broadcast",
    .question = "what does it cost to tell many tasks the same?",
    .metrics = {{.name = "delivery", .unit = "ns"},
                {.name = "lost", .unit = "1/operation", .beside = true}},
    .params = {{"sender", "waits,yields",
                "waits: for everybody once the channel is full; yields: after each message"},
               {"capacity", "16,1,1000,...", "messages that the channel keeps"}},
    .sweeps = {{"default", "async,threads,floor", "one-core", "11", ""},
               {"full", "async,threads,floor", "one-core", "101", ""},
               {"default", "async,threads", "all", "11", ""},
               {"full", "async,threads,floor", "one-core", "2,1001", ""},
               {"full", "async,threads,floor", "one-core", "11", "capacity=1"},
               {"full", "async,threads", "all", "101", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 11,
    .run = run,
};
