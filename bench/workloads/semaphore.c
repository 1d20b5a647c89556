/* SPDX-License-Identifier: MIT
 *
 * N tasks take one of a semaphore's permits, let others run or do not, and give it back. How many
 * are inside is counted: never more than there are permits. With fewer permits than tasks most of
 * them wait; a semaphore that gates work is there for that.
 */
#include "model.h"

#include <stdlib.h>

/* How many have ever entered, in the upper half, and how many are inside now. */
struct inside {
    uint64_t word;
};

#define ONE_ENTERS ((UINT64_C(1) << 32) + 1)

static inline void enter(struct wl_round *round, struct inside *inside, uint64_t permits)
{
    uint64_t word = __atomic_add_fetch(&inside->word, ONE_ENTERS, __ATOMIC_RELAXED);
    if (__builtin_expect((uint32_t)word > permits, 0))
        wl_wrong(round, "%u tasks are inside with %llu permits", (unsigned)word,
                 (unsigned long long)permits);
}

static inline void leave(struct inside *inside)
{
    __atomic_fetch_sub(&inside->word, 1, __ATOMIC_RELAXED);
}

/* Nobody is inside now, and so many times somebody was, modulo 2^32. */
static void check(struct wl_round *round, const struct inside *inside, uint64_t times)
{
    WL_EXPECT(round, inside->word, times << 32);
}

#ifdef MODEL_FLOOR

/* The counting alone. */
static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), laps, total = 0;
    uint64_t permits = wl_param_count(round, "permits", 1, UINT32_MAX);
    struct inside inside = {0};
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps * tasks; lap++) {
            enter(round, &inside, permits);
            leave(&inside);
        }
        wl_record(round, tc_now_ns() - start_ns, laps * tasks);
        total += laps * tasks;
        check(round, &inside, total);
    }
}

#else

#include "crew.h"

struct shared {
    semaphore_t semaphore;
    struct inside inside;
    uint64_t permits;
    bool yield;
};

TASK(member, {
    CREW_MEMBER;
    struct shared *shared;
    uint64_t left;
})
{
    TASK_BEGIN;
    self->shared = self->crew->shared;
    for (;;) {
        AWAIT(event_one_wait(self->go));
        if (self->crew->stop)
            break;
        for (self->left = self->crew->laps; self->left > 0; self->left--) {
            AWAIT(semaphore_acquire(&self->shared->semaphore, 1));
            enter(self->crew->round, &self->shared->inside, self->shared->permits);
            if (self->shared->yield)
                AWAIT(task_yield());
            leave(&self->shared->inside);
            semaphore_release(&self->shared->semaphore, 1);
        }
        latch_arrive(&self->crew->done);
    }
    TASK_END;
}

static void crew_check(const struct crew *crew)
{
    const struct shared *shared = crew->shared;
    check(crew->round, &shared->inside, crew->total * crew->size);
}

#include "crew_run.h"

static void run(struct wl_round *round)
{
    struct shared shared = {.permits = wl_param_count(round, "permits", 1, UINT32_MAX),
                            .yield = wl_param_is(round, "section", "yield")};
    semaphore_init(&shared.semaphore, shared.permits);
    crew_run(round, &shared);
}

#endif

const struct workload semaphore = {
    .name = "semaphore",
    .question = "what does it cost to take a permit of a semaphore and to give it back?",
    .metrics = {{.name = "acquire", .unit = "ns"}},
    .params = {{"permits", "4,1,64,...", "how many tasks may be inside at once"},
               {"section", "yield,empty", "yield: whoever is inside lets the others run"}},
    .sweeps = {{"default", "async,threads,floor", "one-core", "8", ""},
               {"default", "async,threads", "all", "8", ""},
               {"full", "async,threads,floor", "one-core", "1000", ""},
               {"full", "async,threads,floor", "one-core", "64", "permits=1"},
               {"full", "async,threads", "all", "64", ""}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 8,
    .run = run,
};
