/* SPDX-License-Identifier: MIT
 *
 * Events between threads, the counterparts of rt/event.h: mutex and condition. All calls but init
 * and destroy are thread-safe; none can fail, but waits heed the thread's scope (tb/scope.h) and
 * then return -ETIMEDOUT or -ECANCELED. Nobody may wait when one is destroyed.
 */
#ifndef TB_EVENT_H
#define TB_EVENT_H

#include "tb/cond.h"

/* Many waiters, stays set until reset. */
struct tb_event {
    pthread_mutex_t mutex;
    struct tb_cond changed;
    bool set;
    uint64_t sets; /* how often it was set */
};

void tb_event_init(struct tb_event *event);
void tb_event_destroy(struct tb_event *event);
void tb_event_set(struct tb_event *event); /* wakes all that wait */
void tb_event_reset(struct tb_event *event);
int64_t tb_event_wait(struct tb_event *event); /* 0 once it is or was set while waiting */

/* One waiter, who takes the event and thereby resets it. It must outlive the call that sets it. */
struct tb_event_one {
    struct tb_event event;
};

void tb_event_one_init(struct tb_event_one *event);
void tb_event_one_destroy(struct tb_event_one *event);
void tb_event_one_set(struct tb_event_one *event);
int64_t tb_event_one_wait(struct tb_event_one *event); /* 0 */

/* Opens for good when as many have arrived as it was told to expect. */
struct tb_latch {
    struct tb_event open;
    uint64_t missing; /* atomic: only the last arrival takes the mutex */
};

void tb_latch_init(struct tb_latch *latch, uint64_t expected);
void tb_latch_destroy(struct tb_latch *latch);
/* Closes the latch again for as many; nobody may wait for it, and all must have arrived. */
void tb_latch_reset(struct tb_latch *latch, uint64_t expected);
void tb_latch_arrive(struct tb_latch *latch);
int64_t tb_latch_wait(struct tb_latch *latch); /* 0 once all have arrived */

#endif
