/* SPDX-License-Identifier: MIT
 *
 * N tasks meet at a barrier again and again. One of them is told that it leads, once for each
 * meeting, and nobody leaves before all have come: each counts its own meetings, and the leader
 * finds nobody behind. An operation is one task's arrival and departure.
 */
#include "model.h"

#include <stdlib.h>

#ifdef MODEL_FLOOR

/* The counting alone. */
static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), laps, led = 0, expected = 0;
    uint64_t *met = wl_alloc(round, tasks, sizeof *met);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps; lap++) {
            for (uint64_t i = 0; i < tasks; i++)
                met[i]++;
            __asm__ volatile("" : : : "memory");
            led++;
        }
        wl_record(round, tc_now_ns() - start_ns, laps * tasks);
        expected += laps;
        WL_EXPECT(round, led, expected);
        WL_EXPECT(round, met[tasks - 1], expected);
    }
    free(met);
}

#else

#include "crew.h"

struct shared {
    barrier_t barrier;
    uint64_t arrived, led; /* ever */
};

TASK(member, {
    CREW_MEMBER;
    struct shared *shared;
    uint64_t left;
    uint64_t met;
    int64_t result;
})
{
    TASK_BEGIN;
    self->shared = self->crew->shared;
    for (;;) {
        AWAIT(event_one_wait(self->go));
        if (self->crew->stop)
            break;
        for (self->left = self->crew->laps; self->left > 0; self->left--) {
            __atomic_fetch_add(&self->shared->arrived, 1, __ATOMIC_RELAXED);
            AWAIT_INTO(self->result, barrier_wait(&self->shared->barrier));
            self->met++;
            if (self->result == 1)
                __atomic_fetch_add(&self->shared->led, 1, __ATOMIC_RELAXED);
            WL_EXPECT(self->crew->round,
                      __atomic_load_n(&self->shared->arrived, __ATOMIC_RELAXED) >=
                          self->met * self->crew->size,
                      true);
        }
        latch_arrive(&self->crew->done);
    }
    TASK_END;
}

static void crew_check(const struct crew *crew)
{
    const struct shared *shared = crew->shared;
    WL_EXPECT(crew->round, shared->arrived, crew->total * crew->size);
    WL_EXPECT(crew->round, shared->led, crew->total);
}

#include "crew_run.h"

static void run(struct wl_round *round)
{
    struct shared shared = {0};
    barrier_init(&shared.barrier, (uint32_t)wl_tasks(round));
    crew_run(round, &shared);
}

#endif

const struct workload barrier = {
    .name = "barrier",
    .question = "what does it cost a task to meet all the others?",
    .metrics = {{.name = "meeting", .unit = "ns"}},
    .sweeps = {{"default", "async,threads,floor", "one-core", "8", ""},
               {"full", "async,threads", "all", "8", ""},
               {"full", "async,threads,floor", "one-core", "64", ""},
               {"full", "async,threads", "all", "64", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 8,
    .tasks_max = 1000000,
    .run = run,
};
