/* SPDX-License-Identifier: MIT
 *
 * N tasks read and write what a lock guards for readers and writers: one lap in so many writes
 * (writes). Inside, a task may let others run (section=yield), so that readers are inside together
 * and a writer waits for them. A writer leaves two counts equal and unequal while it is at work:
 * who finds them unequal was let in with it.
 */
#include "model.h"

#include <stdlib.h>

/* A writer counts the first up when it comes and the second when it goes. */
struct counts {
    uint64_t begun, ended;
};

/* Of each task's laps: the last of every so many writes; 0 for none. */
static uint64_t write_every(struct wl_round *round)
{
    if (wl_param_is(round, "writes", "never"))
        return 0;
    return wl_param_count(round, "writes", 1, 1 << 30);
}

static void check_unwritten(struct wl_round *round, const struct counts *counts)
{
    WL_EXPECT(round, counts->begun, counts->ended);
}

#ifdef MODEL_FLOOR

/* The same looks and counts. */
static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), every = write_every(round), laps, lap = 0;
    struct counts counts = {0};
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t i = 0; i < laps * tasks; i++) {
            check_unwritten(round, &counts);
            if (every && ++lap == every) {
                lap = 0;
                counts.begun++;
                __asm__ volatile("" : : : "memory");
                counts.ended++;
            }
            __asm__ volatile("" : : : "memory");
        }
        wl_record(round, tc_now_ns() - start_ns, laps * tasks);
    }
}

#else

#include "crew.h"

struct shared {
    rwlock_t lock;
    _Alignas(64) struct counts counts;
    uint64_t every;
    bool yield;
};

TASK(member, {
    CREW_MEMBER;
    struct shared *shared;
    uint64_t left;
    uint64_t lap; /* since the last write */
})
{
    TASK_BEGIN;
    self->shared = self->crew->shared;
    for (;;) {
        AWAIT(event_one_wait(self->go));
        if (self->crew->stop)
            break;
        for (self->left = self->crew->laps; self->left > 0; self->left--) {
            if (self->shared->every && ++self->lap == self->shared->every) {
                self->lap = 0;
                AWAIT(rwlock_write(&self->shared->lock));
                check_unwritten(self->crew->round, &self->shared->counts);
                self->shared->counts.begun++;
                if (self->shared->yield)
                    AWAIT(task_yield());
                self->shared->counts.ended++;
                rwlock_write_unlock(&self->shared->lock);
                continue;
            }
            AWAIT(rwlock_read(&self->shared->lock));
            check_unwritten(self->crew->round, &self->shared->counts);
            if (self->shared->yield)
                AWAIT(task_yield());
            check_unwritten(self->crew->round, &self->shared->counts);
            rwlock_read_unlock(&self->shared->lock);
        }
        latch_arrive(&self->crew->done);
    }
    TASK_END;
}

static void crew_check(const struct crew *crew)
{
    const struct shared *shared = crew->shared;
    uint64_t written = shared->every ? crew->total / shared->every * crew->size : 0;
    check_unwritten(crew->round, &shared->counts);
    WL_EXPECT(crew->round, shared->counts.ended, written);
}

#include "crew_run.h"

static void run(struct wl_round *round)
{
    struct shared shared = {.every = write_every(round),
                            .yield = wl_param_is(round, "section", "yield")};
    rwlock_init(&shared.lock);
    crew_run(round, &shared);
}

#endif

const struct workload rwlock = {
    .name = "rwlock",
    .question = "what does it cost to share a lock with other readers, and now and then to write?",
    .metrics = {{.name = "lock", .unit = "ns"}},
    .params = {{"writes", "10,never,1,2,100,...", "a task's every so many-th lap writes"},
               {"section", "yield,empty", "yield: whoever is inside lets the others run"}},
    .sweeps = {{"default", "async,threads,floor", "one-core", "8", ""},
               {"full", "async,threads", "all", "8", ""},
               {"full", "async,threads,floor", "one-core", "8", "writes=never|1"},
               {"full", "async,threads", "all", "8", "writes=never"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 8,
    .run = run,
};
