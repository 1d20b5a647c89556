/* SPDX-License-Identifier: MIT
 *
 * N tasks add one to a count that a mutex guards: all to the same, or each to its own. Inside, a
 * task may let others run (section=yield), which is when there is contention for certain: it reads
 * the count before and writes it after, so that a mutex that lets in two loses one. Tasks that
 * share a thread never meet a mutex that is locked without such a wait inside.
 */
#include "model.h"

#include <stdlib.h>

/* Each in a cache line of its own. */
struct guarded {
#ifdef MODEL_FLOOR
    _Alignas(64) uint64_t count;
#else
    _Alignas(64) mutex_t mutex;
    uint64_t count;
#endif
};

static void check_counts(struct wl_round *round, const struct guarded *all, uint64_t expected)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < wl_tasks(round); i++)
        sum += all[i].count;
    WL_EXPECT(round, sum, expected);
}

#ifdef MODEL_FLOOR

/* The same additions, to the same memory. */
static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), laps, total = 0, stride = wl_param_is(round, "locks", "own");
    struct guarded *all = wl_alloc(round, tasks, sizeof *all);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t i = 0; i < tasks; i++)
            for (uint64_t lap = 0; lap < laps; lap++) {
                all[i * stride].count++;
                __asm__ volatile("" : : : "memory"); /* one at a time */
            }
        wl_record(round, tc_now_ns() - start_ns, laps * tasks);
        total += laps * tasks;
        check_counts(round, all, total);
    }
    free(all);
}

#else

#include "crew.h"

struct shared {
    struct guarded *all;
    uint64_t stride; /* 0: all tasks use the first */
    bool yield;
};

TASK(member, {
    CREW_MEMBER;
    struct guarded *guarded;
    uint64_t left;
    uint64_t seen;
    bool yield;
})
{
    TASK_BEGIN;
    struct shared *shared = self->crew->shared;
    self->guarded = &shared->all[self->index * shared->stride];
    self->yield = shared->yield;
    for (;;) {
        AWAIT(event_one_wait(self->go));
        if (self->crew->stop)
            break;
        for (self->left = self->crew->laps; self->left > 0; self->left--) {
            AWAIT(mutex_lock(&self->guarded->mutex));
            self->seen = self->guarded->count;
            if (self->yield)
                AWAIT(task_yield());
            self->guarded->count = self->seen + 1;
            mutex_unlock(&self->guarded->mutex);
        }
        latch_arrive(&self->crew->done);
    }
    TASK_END;
}

static void crew_check(const struct crew *crew)
{
    const struct shared *shared = crew->shared;
    check_counts(crew->round, shared->all, crew->total * crew->size);
}

#include "crew_run.h"

static void run(struct wl_round *round)
{
    struct shared shared = {.stride = wl_param_is(round, "locks", "own"),
                            .yield = wl_param_is(round, "section", "yield")};
    shared.all = wl_alloc(round, wl_tasks(round), sizeof *shared.all);
    for (uint64_t i = 0; i < wl_tasks(round); i++)
        mutex_init(&shared.all[i].mutex);
    crew_run(round, &shared);
    free(shared.all);
}

#endif

const struct workload mutex = {
    .name = "mutex",
    .question = "what does it cost to lock a mutex and to unlock it?",
    .metrics = {{.name = "lock", .unit = "ns"}},
    .params = {{"locks", "one,own", "own: a mutex a task, so that nobody ever waits"},
               {"section", "empty,yield", "yield: whoever has locked it lets the others run"}},
    .sweeps = {{"default", "async,threads,floor", "one-core", "8", "section=yield"},
               {"default", "async,threads,floor", "one-core", "8", "section=empty;locks=one|own"},
               {"default", "async,threads", "all", "8", "section=yield"},
               {"full", "async,threads,floor", "one-core", "64", "section=yield"},
               {"full", "async,threads", "all", "64", "section=empty"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 8,
    .run = run,
};
