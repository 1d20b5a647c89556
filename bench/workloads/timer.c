/* SPDX-License-Identifier: MIT
 *
 * Timers: what it costs to start one, to stop it again, and to be woken by one.
 *
 *   insert   one task starts N timers with drawn times from a second to a minute ahead
 *   cancel   and stops them in another drawn order: what a time-out costs that does not fire
 *   fire     N tasks sleep to the same time: from then until the last has run, over N
 *
 * Whether a task slept in time to be woken is up to the scheduler. So there are FIRES attempts,
 * each with twice the notice of the one before, and those in which a task came too late do not
 * count. The kernel's lateness, some 50 us for all timers together, is in `fire` of all models and
 * of the floor; the more timers the less it says.
 */
#include "model.h"

#include "base/list.h"
#include "base/rng.h"

#include <stdlib.h>

enum { SEED = 20, FIRES = 5 };

#define AHEAD_MIN_NS    TC_NS_PER_S
#define AHEAD_MAX_NS    (60 * TC_NS_PER_S)
#define FIRST_NOTICE_NS (5 * TC_NS_PER_MS)

/* Drawn once, the same for all models: when each timer is due, and in which order they are stopped.
 */
struct draw {
    uint64_t *ahead_ns;
    size_t *order;
};

static struct draw draw_timers(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round);
    struct draw draw = {.ahead_ns = wl_alloc(round, tasks, sizeof *draw.ahead_ns),
                        .order = wl_alloc(round, tasks, sizeof *draw.order)};
    struct tc_rng rng;
    tc_rng_seed(&rng, SEED);
    for (uint64_t i = 0; i < tasks; i++) {
        draw.ahead_ns[i] = AHEAD_MIN_NS + tc_rng_below(&rng, AHEAD_MAX_NS - AHEAD_MIN_NS);
        draw.order[i] = i;
    }
    tc_rng_shuffle(&rng, draw.order, tasks);
    return draw;
}

static void free_draw(struct draw *draw)
{
    free(draw->ahead_ns);
    free(draw->order);
}

#ifdef MODEL_FLOOR

/* A node in one of a few lists by its time, and out of it again. */
struct node {
    struct list link;
    uint64_t deadline_ns;
    void (*step)(struct node *node);
};

enum { SLOTS = 64, SLOT_SHIFT = 30 };

static struct list slots[SLOTS];
static uint64_t fired;

static void fire(struct node *node)
{
    list_unlink(&node->link);
    fired++;
}

static void insert(struct node *node, uint64_t deadline_ns)
{
    node->deadline_ns = deadline_ns;
    node->step = fire;
    list_push_tail(&slots[(deadline_ns >> SLOT_SHIFT) % SLOTS], &node->link);
}

static void fire_all(struct wl_round *round, struct node *nodes)
{
    uint64_t tasks = wl_tasks(round), deadline_ns = tc_now_ns() + FIRST_NOTICE_NS;
    struct timespec deadline = tc_timespec(deadline_ns);
    struct list *slot = &slots[(deadline_ns >> SLOT_SHIFT) % SLOTS];
    fired = 0;
    for (uint64_t i = 0; i < tasks; i++)
        insert(&nodes[i], deadline_ns);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR)
        ;
    while (!list_empty(slot)) {
        struct node *node = TC_CONTAINER_OF(slot->next, struct node, link);
        node->step(node);
    }
    wl_record_extra(round, "fire", (double)(tc_now_ns() - deadline_ns) / (double)tasks);
    WL_EXPECT(round, fired, tasks);
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), laps;
    struct draw draw = draw_timers(round);
    struct node *nodes = wl_alloc(round, tasks, sizeof *nodes);
    for (int i = 0; i < SLOTS; i++)
        list_init(&slots[i]);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t insert_ns = 0, cancel_ns = 0;
        for (uint64_t lap = 0; lap < laps; lap++) {
            uint64_t start_ns = tc_now_ns();
            for (uint64_t i = 0; i < tasks; i++)
                insert(&nodes[i], start_ns + draw.ahead_ns[i]);
            uint64_t middle_ns = tc_now_ns();
            for (uint64_t i = 0; i < tasks; i++)
                list_unlink(&nodes[draw.order[i]].link);
            cancel_ns += tc_now_ns() - middle_ns;
            insert_ns += middle_ns - start_ns;
        }
        wl_record_extra(round, "cancel", (double)cancel_ns / (double)(laps * tasks));
        wl_record(round, insert_ns, laps * tasks);
    }
    for (int i = 0; i < FIRES; i++)
        fire_all(round, nodes);
    free(nodes);
    free_draw(&draw);
}

#else

struct shared {
    struct wl_round *round;
    latch_t fired, ended;
    event_t leave;
    uint64_t late; /* atomic */
};

TASK(sleeper, {
    struct shared *shared;
    uint64_t deadline_ns;
    sleep_timer_t timer;
})
{
    TASK_BEGIN;
    if (tc_now_ns() >= self->deadline_ns)
        __atomic_fetch_add(&self->shared->late, 1, __ATOMIC_RELAXED);
    AWAIT(sleep_until(&self->timer, self->deadline_ns));
    if (tc_now_ns() < self->deadline_ns)
        wl_wrong(self->shared->round, "a sleeping task has woken before its time");
    latch_arrive(&self->shared->fired);
    AWAIT(event_wait(&self->shared->leave)); /* how long it takes to end is another matter */
    latch_arrive(&self->shared->ended);
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    struct shared *shared;
    struct draw draw;
    alarm_t *alarms;
    uint64_t tasks;
    uint64_t laps;
    uint64_t lap;
    uint64_t insert_ns;
    uint64_t cancel_ns;
    uint64_t deadline_ns;
    int fires;
    int in_time;
})
{
    TASK_BEGIN;
    for (uint64_t i = 0; i < self->tasks; i++)
        WL_TRY(self->round, alarm_open(&self->alarms[i]), i);
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->insert_ns = self->cancel_ns = 0;
        for (self->lap = 0; self->lap < self->laps; self->lap++) {
            uint64_t start_ns = tc_now_ns();
            for (uint64_t i = 0; i < self->tasks; i++)
                alarm_start(&self->alarms[i], start_ns + self->draw.ahead_ns[i]);
            uint64_t middle_ns = tc_now_ns();
            for (uint64_t i = 0; i < self->tasks; i++)
                alarm_stop(&self->alarms[self->draw.order[i]]);
            self->cancel_ns += tc_now_ns() - middle_ns;
            self->insert_ns += middle_ns - start_ns;
        }
        wl_record_extra(self->round, "cancel",
                        (double)self->cancel_ns / (double)(self->laps * self->tasks));
        wl_record(self->round, self->insert_ns, self->laps * self->tasks);
        AWAIT(task_yield());
    }
    for (; self->fires < FIRES; self->fires++) {
        self->shared->late = 0;
        latch_reset(&self->shared->fired, self->tasks);
        latch_reset(&self->shared->ended, self->tasks);
        event_reset(&self->shared->leave);
        self->deadline_ns = tc_now_ns() + (FIRST_NOTICE_NS << self->fires);
        for (uint64_t i = 0; i < self->tasks; i++)
            WL_TRY(self->round,
                   SPAWN(sleeper, NULL, {.shared = self->shared, .deadline_ns = self->deadline_ns}),
                   i);
        AWAIT(latch_wait(&self->shared->fired));
        if (__atomic_load_n(&self->shared->late, __ATOMIC_RELAXED) == 0) {
            uint64_t elapsed_ns = tc_now_ns() - self->deadline_ns;
            wl_record_extra(self->round, "fire", (double)elapsed_ns / (double)self->tasks);
            self->in_time++;
        }
        event_set(&self->shared->leave);
        AWAIT(latch_wait(&self->shared->ended));
    }
    if (self->in_time == 0)
        wl_record_absent(self->round, "fire", "so many tasks were not asleep in time");
    for (uint64_t i = 0; i < self->tasks; i++)
        alarm_close(&self->alarms[i]);
    TASK_END;
}

static void run(struct wl_round *round)
{
    static struct shared shared; /* outlives the last thread's last step */
    struct draw draw = draw_timers(round);
    alarm_t *alarms = wl_alloc(round, wl_tasks(round), sizeof *alarms);
    shared.round = round;
    latch_init(&shared.fired, 0);
    latch_init(&shared.ended, 0);
    event_init(&shared.leave);
    WL_TRY(round,
           RUN(round, driver,
               {.round = round,
                .shared = &shared,
                .draw = draw,
                .alarms = alarms,
                .tasks = wl_tasks(round)}),
           0);
    free(alarms);
    free_draw(&draw);
}

#endif

const struct workload timer = {
    .name = "timer",
    .question = "what does it cost to start a timer, to stop it, and to be woken by it?",
    .metrics = {{.name = "insert", .unit = "ns"},
                {.name = "cancel", .unit = "ns"},
                {.name = "fire", .unit = "ns"}},
    .sweeps = {{"quick", "async,floor", "one-core", "1000", ""},
               {"full", "threads", "one-core", "1000", "stack=64KiB"},
               {"full", "async,floor", "one-core", "10000,100000", ""},
               {"full", "threads", "one-core", "10000", "stack=64KiB"},
               {"full", "async,floor", "one-core", "100,1000000", ""}},
    .tasks_min = 1,
    .tasks_default = 1000,
    .run = run,
};
