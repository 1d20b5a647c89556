/* SPDX-License-Identifier: MIT
 *
 * N tasks, the driver among them, yield to each other without end. The driver yields a number of
 * times and then counts how often all of them did meanwhile: threads that share cores need not take
 * turns one by one, so the number of yields is counted and not assumed. Threads go on yielding
 * while the driver adds up the counts, just outside the timed part: with some thousand of them that
 * takes as long as a time slice, so the sweep of threads ends at 1,000.
 */
#include "model.h"

#include <stdlib.h>

/* Written by one task, read by the driver: relaxed, because a count that is one behind is as good.
 */
static inline void count_one(uint64_t *count)
{
    __atomic_store_n(count, __atomic_load_n(count, __ATOMIC_RELAXED) + 1, __ATOMIC_RELAXED);
}

#ifdef MODEL_FLOOR

/* The same memory as the async model's task: what is called at its head, what the body works on in
 * its fields, 64 bytes further (header, waiter and resume point lie between). And the same work:
 * the look whether to stop, and the count. */
struct frame {
    bool (*step)(struct frame *frame);
    char between[56];
    const bool *stop;
    uint64_t **place;
    uint64_t count;
};

static bool step(struct frame *frame)
{
    if (__atomic_load_n(frame->stop, __ATOMIC_RELAXED))
        return false;
    count_one(&frame->count);
    return true;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), laps, expected = 0;
    bool stop = false;
    struct frame *frames = wl_alloc(round, tasks, sizeof *frames),
                 **ring = wl_alloc(round, tasks, sizeof *ring);
    for (uint64_t i = 0; i < tasks; i++) {
        ring[i] = &frames[i];
        frames[i] = (struct frame){.step = step, .stop = &stop};
    }
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps; lap++)
            for (uint64_t i = 0; i < tasks; i++)
                MUST(ring[i]->step(ring[i]));
        wl_record(round, tc_now_ns() - start_ns, laps * tasks);
        expected += laps;
    }
    WL_EXPECT(round, frames[tasks - 1].count, expected);
    free(frames);
    free(ring);
}

#else

struct shared {
    bool stop;
    uint64_t tasks;
    handle_t *handles;
    uint64_t **counts; /* each points into a task's frame */
    latch_t started;
};

static bool stopped(struct shared *shared)
{
    return __atomic_load_n(&shared->stop, __ATOMIC_RELAXED);
}

static uint64_t yields_so_far(struct shared *shared)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < shared->tasks; i++)
        sum += __atomic_load_n(shared->counts[i], __ATOMIC_RELAXED);
    return sum;
}

/* Stays until the driver has let go of its counter: returning, it gives its count for the check. */
TASK(yielder, {
    struct shared *shared;
    uint64_t **place;
    uint64_t count;
})
{
    TASK_BEGIN;
    *self->place = &self->count;
    latch_arrive(&self->shared->started);
    while (!stopped(self->shared)) {
        AWAIT(task_yield());
        count_one(&self->count);
    }
    TASK_RETURN(self->count);
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    struct shared *shared;
    uint64_t count;
    uint64_t i;
    uint64_t lap;
    uint64_t laps;
    uint64_t before;
    uint64_t start_ns;
    int64_t result;
    uint64_t joined;
})
{
    TASK_BEGIN;
    self->shared->counts[0] = &self->count;
    for (uint64_t i = 1; i < self->shared->tasks; i++)
        WL_TRY(self->round,
               SPAWN(yielder, &self->shared->handles[i],
                     {.shared = self->shared, .place = &self->shared->counts[i]}),
               i);
    AWAIT(latch_wait(&self->shared->started));
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->before = yields_so_far(self->shared);
        self->start_ns = tc_now_ns();
        for (self->lap = 0; self->lap < self->laps; self->lap++) {
            AWAIT(task_yield());
            count_one(&self->count);
        }
        uint64_t elapsed_ns = tc_now_ns() - self->start_ns;
        wl_record(self->round, elapsed_ns, yields_so_far(self->shared) - self->before);
    }
    self->before = yields_so_far(self->shared) - self->count;
    __atomic_store_n(&self->shared->stop, true, __ATOMIC_RELAXED);
    for (self->i = 1; self->i < self->shared->tasks; self->i++) {
        AWAIT_INTO(self->result, task_join(self->shared->handles[self->i]));
        self->joined += (uint64_t)self->result;
    }
    if (self->joined < self->before)
        wl_wrong(self->round, "the tasks report fewer yields than were counted");
    TASK_END;
}

static void run(struct wl_round *round)
{
    struct shared shared = {.tasks = wl_tasks(round)};
    shared.handles = wl_alloc(round, shared.tasks, sizeof *shared.handles);
    shared.counts = wl_alloc(round, shared.tasks, sizeof *shared.counts);
    latch_init(&shared.started, shared.tasks - 1);
    WL_TRY(round, RUN(round, driver, {.round = round, .shared = &shared}), 0);
    free(shared.handles);
    free(shared.counts);
}

#endif

const struct workload switch_yield = {
    .name = "switch-yield",
    .question = "what does it cost to let the next ready task run?",
    .metrics = {{.name = "switch", .unit = "ns"}},
    .sweeps = {{"quick", "async,threads,floor", "one-core", "500", ""},
               {"default", "async,threads,floor", "one-core", "2,100", ""},
               {"full", "async,threads,floor", "one-core", "10,1000", ""},
               {"default", "threads,async", "all", "500", ""},
               {"default", "async,floor", "one-core", "10000,100000,1000000", ""},
               {"full", "threads", "one-core", "5000,10000", ""},
               {"full", "async,threads", "free", "2,500", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 500,
    .run = run,
};
