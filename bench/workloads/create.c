/* SPDX-License-Identifier: MIT
 *
 * Spawn N empty tasks, then join them all. Every 256th task is stamped at its spawn and at its
 * first instruction; stamping all would add two clock readings to each.
 *
 * The first cycle of the process is kept apart (create_first): it finds no free frame and no stack
 * of an ended thread, and pays for what every later one finds warm.
 */
#include "model.h"

#include <stdlib.h>

enum { STAMP_EVERY = 256 };

static int64_t sum_below(uint64_t count)
{
    return (int64_t)(count * (count - 1) / 2);
}

#ifdef MODEL_FLOOR

/* As large as a task of the async model: 32 bytes of header, 32 of resume point and waiter, 16 of
 * fields. All N are alive at once, as they are between spawn and join. */
struct frame {
    int64_t (*step)(struct frame *frame);
    struct frame *next_free;
    int64_t value;
    char rest[56];
};

static int64_t empty(struct frame *frame)
{
    return frame->value;
}

static struct frame *free_list(struct wl_round *round, uint64_t count)
{
    struct frame *frames = wl_alloc(round, count, sizeof *frames), *first = NULL;
    for (uint64_t i = count; i-- > 0;) {
        frames[i].next_free = first;
        first = &frames[i];
    }
    return first;
}

/* One cycle; returns how long its spawning took. */
static uint64_t cycle(struct wl_round *round, struct frame **alive, struct frame **free_frames)
{
    uint64_t tasks = wl_tasks(round);
    int64_t sum = 0;
    uint64_t start_ns = tc_now_ns();
    for (uint64_t i = 0; i < tasks; i++) {
        struct frame *frame = alive[i] = *free_frames;
        *free_frames = frame->next_free;
        frame->step = empty;
        frame->value = (int64_t)i;
    }
    uint64_t spawn_ns = tc_now_ns() - start_ns;
    for (uint64_t i = 0; i < tasks; i++)
        sum += alive[i]->step(alive[i]);
    for (uint64_t i = tasks; i-- > 0;) {
        alive[i]->next_free = *free_frames;
        *free_frames = alive[i];
    }
    WL_EXPECT(round, sum, sum_below(tasks));
    return spawn_ns;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), laps;
    struct frame **alive = wl_alloc(round, tasks, sizeof *alive),
                 *free_frames = free_list(round, tasks);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns(), spawn_ns = 0;
        for (uint64_t lap = 0; lap < laps; lap++)
            spawn_ns += cycle(round, alive, &free_frames);
        uint64_t elapsed_ns = tc_now_ns() - start_ns;
        wl_record_extra(round, "create", (double)spawn_ns / (double)(laps * tasks));
        wl_record(round, elapsed_ns, laps * tasks);
    }
}

#else

TASK(empty, {
    int64_t value;
    uint64_t *body_ns;
})
{
    TASK_BEGIN;
    if (self->body_ns)
        *self->body_ns = tc_now_ns();
    TASK_RETURN(self->value);
    TASK_END;
}

static double mean_delay_ns(const uint64_t *from_ns, const uint64_t *to_ns, uint64_t count)
{
    double sum = 0;
    for (uint64_t i = 0; i < count; i++)
        sum += (double)(to_ns[i] - from_ns[i]);
    return sum / (double)count;
}

TASK(driver, {
    struct wl_round *round;
    handle_t *handles;
    uint64_t *spawn_ns;
    uint64_t *body_ns;
    uint64_t tasks;
    uint64_t laps;
    uint64_t lap;
    uint64_t i;
    uint64_t start_ns;
    uint64_t lap_start_ns;
    uint64_t spawning_ns;
    int64_t result;
    int64_t sum;
})
{
    TASK_BEGIN;
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->start_ns = tc_now_ns();
        self->spawning_ns = 0;
        for (self->lap = 0; self->lap < self->laps; self->lap++) {
            self->lap_start_ns = tc_now_ns();
            for (uint64_t i = 0; i < self->tasks; i++) {
                uint64_t *body_ns = NULL;
                if (i % STAMP_EVERY == 0) {
                    body_ns = &self->body_ns[i / STAMP_EVERY];
                    self->spawn_ns[i / STAMP_EVERY] = tc_now_ns();
                }
                WL_TRY(self->round,
                       SPAWN(empty, &self->handles[i], {.value = (int64_t)i, .body_ns = body_ns}),
                       i);
            }
            self->spawning_ns += tc_now_ns() - self->lap_start_ns;
            self->sum = 0;
            for (self->i = 0; self->i < self->tasks; self->i++) {
                AWAIT_INTO(self->result, task_join(self->handles[self->i]));
                self->sum += self->result;
            }
            WL_EXPECT(self->round, self->sum, sum_below(self->tasks));
        }
        uint64_t elapsed_ns = tc_now_ns() - self->start_ns, spawned = self->laps * self->tasks;
        wl_record_extra(self->round, "create", (double)self->spawning_ns / (double)spawned);
        wl_record_first(self->round, "create_first", (double)self->spawning_ns / (double)spawned);
        wl_record_first(self->round, "create_join_first", (double)elapsed_ns / (double)spawned);
        wl_record_extra(self->round, "create_to_body",
                        mean_delay_ns(self->spawn_ns, self->body_ns,
                                      (self->tasks + STAMP_EVERY - 1) / STAMP_EVERY));
        wl_record(self->round, elapsed_ns, spawned);
    }
    TASK_END;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), stamps = tasks / STAMP_EVERY + 1;
    handle_t *handles = wl_alloc(round, tasks, sizeof *handles);
    uint64_t *spawn_ns = wl_alloc(round, stamps, sizeof *spawn_ns);
    uint64_t *body_ns = wl_alloc(round, stamps, sizeof *body_ns);
    WL_TRY(round,
           RUN(round, driver,
               {.round = round,
                .handles = handles,
                .spawn_ns = spawn_ns,
                .body_ns = body_ns,
                .tasks = tasks}),
           0);
    free(handles);
    free(spawn_ns);
    free(body_ns);
}

#endif

const struct workload create = {
    .name = "create",
    .question =
        "what does it cost to spawn a task, to reach its first instruction, and to join it?",
    .metrics = {{.name = "create_join", .unit = "ns"},
                {.name = "create", .unit = "ns"},
                {.name = "create_to_body", .unit = "ns"},
                {.name = "create_first", .unit = "ns", .beside = true},
                {.name = "create_join_first", .unit = "ns", .beside = true}},
    .sweeps = {{"quick", "async,floor", "one-core", "1000,10000", ""},
               {"quick", "async", "free", "10000", ""},
               {"quick", "threads", "one-core", "1000", "stack=default|64KiB"},
               {"quick", "threads", "free", "1000", ""},
               {"quick", "threads-pool", "one-core", "1000,10000", ""},
               {"default", "async,floor", "one-core", "100000,1000000", ""},
               {"default", "threads", "one-core,free", "1000", "stack=default|64KiB"},
               {"default", "threads", "one-core", "10000", "stack=64KiB"},
               {"default", "threads-pool", "free", "10000", "pool=pus|16"},
               {"default", "threads", "one-core", "100", "stack=64KiB;stack-cache=default|0"},
               {"default", "threads", "one-core", "1000", "stack=default;stack-cache=0"},
               {"full", "async,floor", "one-core", "100", ""},
               {"full", "async", "free", "100,1000,100000,1000000", ""},
               {"full", "threads", "one-core,free", "100,10000", "stack=64KiB"},
               {"full", "threads", "one-core", "30000", "stack=64KiB"}},
    .tasks_min = 1,
    .tasks_default = 1000,
    .run = run,
};
