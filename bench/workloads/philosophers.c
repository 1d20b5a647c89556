/* SPDX-License-Identifier: MIT
 *
 * N philosophers sit at a round table with a fork between each two. One who eats needs both of its
 * forks, and thinks afterwards. Forks are mutexes, and each takes the one with the lower number
 * first, so that nobody can wait in a circle (E. W. Dijkstra, "Hierarchical Ordering of Sequential
 * Processes", Acta Informatica 1, 1971).
 *
 * Eating and thinking let the others run; eating may be work besides (eat). This is what async
 * tasks are not for: what they share is computed with and not waited for, and where threads on
 * several cores eat at the same time, tasks on one thread take turns. Every fork knows who has it,
 * and at the end of a sample all have eaten equally often.
 */
#include "model.h"

#include "computation.h"

#include <stdlib.h>

#ifdef MODEL_FLOOR

/* The eating alone, one after another. */
static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), steps = computation_steps(round, "eat"), laps;
    int64_t *values = wl_alloc(round, tasks, sizeof *values);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps; lap++)
            for (uint64_t i = 0; i < tasks; i++)
                values[i] = compute(values[i], steps);
        wl_record(round, tc_now_ns() - start_ns, laps * tasks);
        for (uint64_t i = 1; i < tasks; i++)
            WL_EXPECT(round, values[i], values[0]);
    }
    free(values);
}

#else

#include "crew.h"

/* In a cache line of its own. */
struct fork {
    _Alignas(64) mutex_t mutex;
    uint64_t user; /* the philosopher's number and one; 0 while it lies on the table */
    uint64_t meals;
};

struct table {
    struct fork *forks;
    int64_t *values; /* what each has computed so far */
    uint64_t steps;
};

static inline void pick_up(struct wl_round *round, struct fork *fork, uint64_t user)
{
    WL_EXPECT(round, fork->user, 0);
    fork->user = user;
}

static inline void put_down(struct wl_round *round, struct fork *fork, uint64_t user)
{
    WL_EXPECT(round, fork->user, user);
    fork->user = 0;
    fork->meals++;
    mutex_unlock(&fork->mutex);
}

TASK(member, {
    CREW_MEMBER;
    struct fork *low;
    struct fork *high;
    uint64_t steps;
    uint64_t left;
    int64_t value;
})
{
    TASK_BEGIN;
    struct table *table = self->crew->shared;
    uint64_t right = (self->index + 1) % self->crew->size;
    self->low = &table->forks[self->index < right ? self->index : right];
    self->high = &table->forks[self->index < right ? right : self->index];
    self->steps = table->steps;
    for (;;) {
        AWAIT(event_one_wait(self->go));
        if (self->crew->stop)
            break;
        for (self->left = self->crew->laps; self->left > 0; self->left--) {
            AWAIT(mutex_lock(&self->low->mutex));
            pick_up(self->crew->round, self->low, self->index + 1);
            AWAIT(mutex_lock(&self->high->mutex));
            pick_up(self->crew->round, self->high, self->index + 1);
            self->value = compute(self->value, self->steps);
            AWAIT(task_yield());
            put_down(self->crew->round, self->high, self->index + 1);
            put_down(self->crew->round, self->low, self->index + 1);
            AWAIT(task_yield());
        }
        ((struct table *)self->crew->shared)->values[self->index] = self->value;
        latch_arrive(&self->crew->done);
    }
    TASK_END;
}

static void crew_check(const struct crew *crew)
{
    const struct table *table = crew->shared;
    for (uint64_t i = 0; i < crew->size; i++) {
        WL_EXPECT(crew->round, table->forks[i].meals, 2 * crew->total);
        WL_EXPECT(crew->round, table->values[i], table->values[0]);
    }
}

#include "crew_run.h"

static void run(struct wl_round *round)
{
    struct table table = {.steps = computation_steps(round, "eat")};
    table.forks = wl_alloc(round, wl_tasks(round), sizeof *table.forks);
    table.values = wl_alloc(round, wl_tasks(round), sizeof *table.values);
    for (uint64_t i = 0; i < wl_tasks(round); i++)
        mutex_init(&table.forks[i].mutex);
    crew_run(round, &table);
    free(table.values);
    free(table.forks);
}

#endif

const struct workload philosophers = {
    .name = "philosophers",
    .question = "what does a meal take at a table where neighbours share forks?",
    .metrics = {{.name = "meal", .unit = "ns"}},
    .params = {{"eat", "0ns,10us,...", "computation of a meal; calibrated when the round begins"}},
    .sweeps = {{"default", "async,threads,floor", "one-core", "5", ""},
               {"default", "async,threads", "all", "5", "eat=10us"},
               {"full", "async,threads,floor", "one-core", "100", "eat=0ns|10us"},
               {"full", "async,threads", "all", "100", "eat=10us"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 5,
    .run = run,
};
