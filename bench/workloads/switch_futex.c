/* SPDX-License-Identifier: MIT
 *
 * A value round a ring of threads, each asleep on a futex word of its own: the least that two
 * threads need to hand something over, with no mutex and no condition around it. A value is its
 * word plus one, so that 0 says that there is none. What the kernel's wake and wait cost without
 * anybody to wake or to wait for is the floor.
 */
#include "model.h"

#include "base/futex.h"

#include <stdlib.h>

/* In a cache line of its own. */
struct place {
    _Alignas(64) uint32_t word;
};

#ifdef MODEL_FLOOR

/* Wakes nobody and waits for what has already changed: each hop's two calls. */
static void hop(struct wl_round *round, struct place *place, uint32_t value)
{
    place->word = value;
    tc_futex_wake(&place->word, 1);
    WL_EXPECT(round, tc_futex_wait(&place->word, 0, TC_NEVER), -EAGAIN);
    WL_EXPECT(round, place->word, value);
    place->word = 0;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), laps;
    struct place *places = wl_alloc(round, tasks, sizeof *places);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t lap = 0; lap < laps; lap++)
            for (uint64_t i = 0; i < tasks; i++)
                hop(round, &places[i], (uint32_t)i + 1);
        wl_record(round, tc_now_ns() - start_ns, laps * tasks);
    }
    free(places);
}

#elif defined futex_wait

static void put(struct place *place, uint32_t value)
{
    __atomic_store_n(&place->word, value, __ATOMIC_RELEASE);
    futex_wake(&place->word);
}

/* After its wait, by the one task that takes from here. */
static uint32_t take(struct place *place)
{
    uint32_t value = __atomic_load_n(&place->word, __ATOMIC_ACQUIRE);
    __atomic_store_n(&place->word, 0, __ATOMIC_RELAXED);
    return value;
}

enum { STOP = UINT32_MAX };

TASK(relay, {
    struct place *in;
    struct place *out;
    uint32_t value;
})
{
    TASK_BEGIN;
    while (self->value != STOP) {
        AWAIT(futex_wait(&self->in->word, 0));
        self->value = take(self->in);
        put(self->out, self->value == STOP ? STOP : self->value + 1);
    }
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    struct place *places;
    handle_t *handles;
    uint64_t tasks;
    uint64_t laps;
    uint64_t lap;
    uint64_t start_ns;
    uint64_t i;
})
{
    TASK_BEGIN;
    for (uint64_t i = 1; i < self->tasks; i++)
        WL_TRY(
            self->round,
            SPAWN(relay, &self->handles[i], {.in = &self->places[i - 1], .out = &self->places[i]}),
            i);
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->start_ns = tc_now_ns();
        for (self->lap = 0; self->lap < self->laps; self->lap++) {
            uint32_t first = (uint32_t)self->lap % (1 << 30) + 1;
            put(&self->places[0], first);
            AWAIT(futex_wait(&self->places[self->tasks - 1].word, 0));
            WL_EXPECT(self->round, take(&self->places[self->tasks - 1]), first + self->tasks - 1);
        }
        wl_record(self->round, tc_now_ns() - self->start_ns, self->laps * self->tasks);
    }
    put(&self->places[0], STOP);
    AWAIT(futex_wait(&self->places[self->tasks - 1].word, 0));
    for (self->i = 1; self->i < self->tasks; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    TASK_END;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    struct place *places = wl_alloc(round, tasks, sizeof *places);
    handle_t *handles = wl_alloc(round, tasks, sizeof *handles);
    WL_TRY(
        round,
        RUN(round, driver, {.round = round, .places = places, .handles = handles, .tasks = tasks}),
        0);
    free(handles);
    free(places);
}

#else

static void (*const run)(struct wl_round *) = NULL; /* see `unsupported` */

#endif

const struct workload switch_futex = {
    .name = "switch-futex",
    .question = "what does it cost a thread to wake another with a bare futex?",
    .metrics = {{.name = "switch", .unit = "ns"}},
    .sweeps = {{"default", "threads", "one-core", "2", ""},
               {"default", "", "one-core", "2,100", ""},
               {"default", "threads", "free", "2", ""},
               {"full", "threads", "one-core", "2,100", "policy=batch"},
               {"full", "", "one-core", "1000", ""},
               {"full", "threads", "free", "100", ""}},
    .unsupported = {{"async,async-uring", "tasks don't sleep in the kernel: their executor does"},
                    WL_NO_POOL},
    .tasks_min = 2,
    .tasks_default = 100,
    .run = run,
};
