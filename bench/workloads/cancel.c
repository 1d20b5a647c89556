/* SPDX-License-Identifier: MIT
 *
 * N tasks wait for what never comes, are asked to end in a drawn order, and are joined. In the
 * async model asking is all there is to it: the task's future is dropped where it waits. A thread
 * has to be asked, woken, and to unwind by itself. `cancel` is the whole of it, from the first
 * request until the last is joined, over N; `request` the requests alone.
 */
#include "model.h"

#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

enum { SEED = 22 };

static size_t *draw_order(struct wl_round *round)
{
    size_t *order = wl_alloc(round, wl_tasks(round), sizeof *order);
    struct tc_rng rng;
    tc_rng_seed(&rng, SEED);
    for (uint64_t i = 0; i < wl_tasks(round); i++)
        order[i] = i;
    tc_rng_shuffle(&rng, order, wl_tasks(round));
    return order;
}

enum wait { WAIT_EVENT, WAIT_TIMER, WAIT_CHANNEL };

static enum wait chosen_wait(struct wl_round *round)
{
    static const char *const names[] = {"event", "timer", "channel"};
    const char *chosen = wl_param(round, "wait");
    for (size_t i = 0; i < TC_COUNT_OF(names); i++)
        if (strcmp(chosen, names[i]) == 0)
            return (enum wait)i;
    wl_wrong(round, "wait '%s' is neither event, timer nor channel", chosen);
}

#ifdef MODEL_FLOOR

#include "base/list.h"

/* Nodes of a list, unlinked and given back in the drawn order, as large as the async model's tasks;
 * what they wait for makes no difference. */
struct node {
    struct list link;
    void (*drop)(struct node *node);
    struct node *next_free;
    char rest[80];
};

static struct list waiting;
static struct node *free_nodes;

static void drop(struct node *node)
{
    list_unlink(&node->link);
    node->next_free = free_nodes;
    free_nodes = node;
}

static void run(struct wl_round *round)
{
    uint64_t tasks = wl_tasks(round), laps;
    size_t *order = draw_order(round);
    struct node *nodes = wl_alloc(round, tasks, sizeof *nodes);
    (void)chosen_wait(round);
    list_init(&waiting);
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t cancel_ns = 0;
        for (uint64_t lap = 0; lap < laps; lap++) {
            for (uint64_t i = 0; i < tasks; i++) {
                nodes[i].drop = drop;
                list_push_tail(&waiting, &nodes[i].link);
            }
            uint64_t start_ns = tc_now_ns();
            for (uint64_t i = 0; i < tasks; i++)
                nodes[order[i]].drop(&nodes[order[i]]);
            cancel_ns += tc_now_ns() - start_ns;
            WL_EXPECT(round, list_empty(&waiting), true);
        }
        wl_record(round, cancel_ns, laps * tasks);
    }
    free(nodes);
    free(order);
}

#else

#define FAR_NS (3600 * TC_NS_PER_S)

struct shared {
    struct wl_round *round;
    enum wait wait;
    uint64_t deadline_ns;
    event_t never;
    chan_t empty;
    latch_t waiting;
};

TASK(waiter, {
    struct shared *shared;
    sleep_timer_t timer;
    int64_t message;
})
{
    TASK_BEGIN;
    latch_arrive(&self->shared->waiting);
    if (self->shared->wait == WAIT_EVENT)
        AWAIT(event_wait(&self->shared->never));
    else if (self->shared->wait == WAIT_TIMER)
        AWAIT(sleep_until(&self->timer, self->shared->deadline_ns));
    else
        AWAIT(chan_recv(self->shared->empty, &self->message));
    wl_wrong(self->shared->round, "a task has gone on for which nothing had come");
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    struct shared *shared;
    handle_t *handles;
    size_t *order;
    uint64_t tasks;
    uint64_t laps;
    uint64_t lap;
    uint64_t i;
    uint64_t start_ns;
    uint64_t request_ns;
    uint64_t cancel_ns;
    int64_t result;
})
{
    TASK_BEGIN;
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->request_ns = self->cancel_ns = 0;
        for (self->lap = 0; self->lap < self->laps; self->lap++) {
            latch_reset(&self->shared->waiting, self->tasks);
            self->shared->deadline_ns = tc_now_ns() + FAR_NS;
            for (uint64_t i = 0; i < self->tasks; i++)
                WL_TRY(self->round,
                       SPAWN_ABORTABLE(waiter, &self->handles[i], {.shared = self->shared}), i);
            AWAIT(latch_wait(&self->shared->waiting));
            AWAIT(task_yield()); /* the last to arrive still has a step to go to its wait */
            self->start_ns = tc_now_ns();
            for (uint64_t i = 0; i < self->tasks; i++)
                WL_EXPECT(self->round, task_abort(self->handles[self->order[i]]), true);
            self->request_ns += tc_now_ns() - self->start_ns;
            for (self->i = 0; self->i < self->tasks; self->i++) {
                AWAIT_INTO(self->result, task_join(self->handles[self->order[self->i]]));
                WL_EXPECT(self->round, self->result, -ECANCELED);
            }
            self->cancel_ns += tc_now_ns() - self->start_ns;
        }
        wl_record_extra(self->round, "request",
                        (double)self->request_ns / (double)(self->laps * self->tasks));
        wl_record(self->round, self->cancel_ns, self->laps * self->tasks);
    }
    TASK_END;
}

static void run(struct wl_round *round)
{
    static struct shared shared; /* outlives the last thread's last step */
    handle_t *handles = wl_alloc(round, wl_tasks(round), sizeof *handles);
    size_t *order = draw_order(round);
    shared.round = round;
    shared.wait = chosen_wait(round);
    shared.empty = chan_new(1);
    if (!shared.empty)
        wl_fail(round, -ENOMEM, "chan_new", 0);
    event_init(&shared.never);
    latch_init(&shared.waiting, 0);
    WL_TRY(round,
           RUN(round, driver,
               {.round = round,
                .shared = &shared,
                .handles = handles,
                .order = order,
                .tasks = wl_tasks(round)}),
           0);
    chan_free(shared.empty);
    free(order);
    free(handles);
}

#endif

const struct workload cancel = {
    .name = "cancel",
    .question = "what does it cost to end a task that waits?",
    .metrics = {{.name = "cancel", .unit = "ns"}, {.name = "request", .unit = "ns"}},
    .params = {{"wait", "event,timer,channel", "what the tasks wait for"}},
    .sweeps = {{"default", "async,floor", "one-core", "10000", ""},
               {"default", "threads", "one-core", "1000", "stack=64KiB"},
               {"full", "async,floor", "one-core", "100000", "wait=event|timer|channel"},
               {"full", "threads", "one-core", "1000", "wait=timer|channel;stack=64KiB"},
               {"full", "async,floor", "one-core", "1000000", ""},
               {"full", "threads", "one-core", "10000", "stack=64KiB"}},
    .unsupported = {WL_NO_POOL},
    .tasks_min = 1,
    .tasks_default = 1000,
    .run = run,
};
