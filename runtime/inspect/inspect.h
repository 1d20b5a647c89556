/* SPDX-License-Identifier: MIT
 *
 * What the inspect flavour's files share: the executor's side of it, and how a finding is told.
 */
#ifndef RT_INSPECT_INTERNAL_H
#define RT_INSPECT_INTERNAL_H

#include "rt/report.h"

#include <stdatomic.h>

/* One thing that happened. */
enum rt_record_kind {
    RT_RECORD_SPAWN,
    RT_RECORD_WAKE,
    RT_RECORD_POLL,
    RT_RECORD_LAST_POLL,
    RT_RECORD_OUTSIDE,
};

struct rt_record {
    uint64_t at_ns, length_ns;
    uint64_t task, by;             /* numbers of tasks; `by` 0: from outside of all tasks */
    uint64_t wakes;                /* how many the task has had: joins a wake to its poll */
    const struct rt_site *spawned; /* of the task */
    const struct rt_site *at;      /* where a poll has left it */
    enum rt_record_kind kind;
};

/* The latest of them; the ring is NULL when none are kept. */
struct rt_trace {
    struct rt_record *ring;
    uint64_t mask, count; /* length of the ring less one; records ever written */
};

/* What a watching thread may read of the poll under way. Written by the loop alone. */
struct rt_published {
    _Atomic uint64_t began_ns; /* 0 between polls */
    _Atomic uint64_t task;
    const struct rt_site *_Atomic spawned;
    const struct rt_site *_Atomic from;
};

struct rt_watchdog;

struct rt_inspect {
    struct rt_published published;
    struct rt_watchdog *watchdog;
    _Atomic bool dump_wanted; /* by a signal */
    struct rt_trace trace;
    struct rt_counters counters;
    FILE *out;                        /* where findings go; NULL for nowhere */
    uint64_t now_ns;                  /* the last reading of the clock */
    uint64_t polled_ns;               /* when the last poll ended */
    const struct rt_site *resumed_at; /* where the current poll began */
    uint64_t woken_times;             /* the wakes that its task had had when it began */
    int locks;                        /* held when it began */
    bool has_read;                    /* the clock, outside of polls, since the turn began */
    bool just_looked;                 /* outside: the turn to come begins at `now_ns` */
    bool gained;                      /* it got on */
    bool again;                       /* it is pending at an await where it began */
    bool yields;                      /* the wake to come only lets others run */
    bool met_finished;                /* not a poll: the task had finished while it was queued */
    bool ending;                      /* the executor drops its tasks */
    uint64_t unfinished;              /* tasks alive at the end */
    struct rt_seen nobody;            /* for operations that are polled outside of tasks */
};

/* The executor that runs on this thread, or did last: for what is told of things that know none. */
extern _Thread_local struct rt_executor *rt__here;

/* What the kinds of objects are called. */
extern const char *const rt__kind_names[RT_KINDS];

/* Ends what watches the executor from outside (watch.c). */
void rt__watch_free(struct rt_executor *executor);

/* One sentence on the report stream, with "rt: " before it. */
__attribute__((format(printf, 2, 3))) void rt__say(struct rt_executor *executor, const char *format,
                                                   ...);

/* "#3 relay (spawned in main at ring.c:40)" and "rt_chan_recv in relay at ring.c:12", into `text`,
 * which is returned. */
struct rt_text {
    char text[256];
};
const char *rt__task_text(struct rt_text *text, const struct rt_task *task);
const char *rt__name(const struct rt_site *spawned);
const char *rt__site_text(struct rt_text *text, const struct rt_site *site);

/* The place of the task's outermost frame, if that is an async function's. */
struct rt_place *rt__outermost_place(struct rt_task *task);

/* Who the task waits for, if that is known: the task that it joins, the holder of the lock. */
struct rt_task *rt__waits_for(const struct rt_task *task);

/* Checks at the end of a poll, of a task and of the executor; each tells what it finds. */
void rt__check_poll(struct rt_executor *executor, struct rt_task *task, uint64_t lasted_ns,
                    int64_t result);
void rt__check_lost(struct rt_task *task, const struct rt_site *site);
void rt__check_unseen(struct rt_task *task, int64_t result);
void rt__check_end(struct rt_executor *executor);

#endif
