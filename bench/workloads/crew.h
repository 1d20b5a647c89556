/* SPDX-License-Identifier: MIT
 *
 * N tasks that do the same, so many times a sample, while a driver waits for all of them. Who
 * includes this says what they do, and then includes crew_run.h, which has the driver:
 *
 *     TASK(member, { CREW_MEMBER; own fields })
 *     {
 *         TASK_BEGIN;
 *         for (;;) {
 *             AWAIT(event_one_wait(self->go));
 *             if (self->crew->stop)
 *                 break;
 *             ... self->crew->laps times the work ...
 *             latch_arrive(&self->crew->done);
 *         }
 *         TASK_END;
 *     }
 *
 *     void crew_check(const struct crew *)    checks the answers after a sample
 *
 * The members are there before the first sample and wait between two: what a sample has beside the
 * work is one wake for each of them.
 */
#ifndef CREW_H
#define CREW_H

#include "model.h"

#include <stdlib.h>

struct crew {
    struct wl_round *round;
    void *shared; /* the workload's own */
    uint64_t size;
    uint64_t laps;  /* of each member in this sample */
    uint64_t total; /* of each member in all samples so far */
    event_one_t *go;
    handle_t *handles;
    latch_t done;
    bool stop;
};

#define CREW_MEMBER    \
    struct crew *crew; \
    event_one_t *go;   \
    uint64_t index

static void crew_check(const struct crew *crew);

#endif
