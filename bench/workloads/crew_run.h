/* SPDX-License-Identifier: MIT
 *
 * The driver of a crew; see crew.h.
 */
#ifndef CREW_RUN_H
#define CREW_RUN_H

#include "crew.h"

TASK(crew_driver, {
    struct crew *crew;
    uint64_t i;
    uint64_t start_ns;
})
{
    TASK_BEGIN;
    for (uint64_t i = 0; i < self->crew->size; i++) {
        event_one_init(&self->crew->go[i]);
        WL_TRY(self->crew->round,
               SPAWN(member, &self->crew->handles[i],
                     {.crew = self->crew, .go = &self->crew->go[i], .index = i}),
               i);
    }
    while ((self->crew->laps = wl_next_sample(self->crew->round)) > 0) {
        self->start_ns = tc_now_ns();
        latch_reset(&self->crew->done, self->crew->size);
        for (uint64_t i = 0; i < self->crew->size; i++)
            event_one_set(&self->crew->go[i]);
        AWAIT(latch_wait(&self->crew->done));
        wl_record(self->crew->round, tc_now_ns() - self->start_ns,
                  self->crew->laps * self->crew->size);
        self->crew->total += self->crew->laps;
        crew_check(self->crew);
    }
    self->crew->stop = true;
    for (self->i = 0; self->i < self->crew->size; self->i++) {
        event_one_set(&self->crew->go[self->i]);
        AWAIT(task_join(self->crew->handles[self->i]));
    }
    TASK_END;
}

/* All the samples of a round; an operation is one lap of one member. */
static void crew_run(struct wl_round *round, void *shared)
{
    struct crew crew = {.round = round, .shared = shared, .size = wl_tasks(round)};
    crew.go = wl_alloc(round, crew.size, sizeof *crew.go);
    crew.handles = wl_alloc(round, crew.size, sizeof *crew.handles);
    latch_init(&crew.done, 0);
    WL_TRY(round, RUN(round, crew_driver, {.crew = &crew}), 0);
    free(crew.handles);
    free(crew.go);
}

#endif
