/* SPDX-License-Identifier: MIT
 *
 * What decides how the runtime behaves, in one place, so that results can name it: what an executor
 * can be told, and the constants.
 */
#ifndef RT_CONFIG_H
#define RT_CONFIG_H

#include <stddef.h>
#include <stdint.h>

struct tc_error;

/* How an executor waits for descriptors. */
enum rt_reactor_kind { RT_REACTOR_EPOLL, RT_REACTOR_URING };

/* A clock that takes the place of CLOCK_MONOTONIC, for tests: see rt_now_ns(). An executor that has
 * nothing to do until `deadline_ns` looks at its descriptors once without sleeping and then calls
 * idle_until, which is expected to move the clock; to TC_NEVER it sleeps as always. Both are called
 * on the executor's thread. */
struct rt_clock {
    uint64_t (*now_ns)(struct rt_clock *clock);
    void (*idle_until)(struct rt_clock *clock, uint64_t deadline_ns);
};

/* What an executor is told; a zero takes the default. */
struct rt_config {
    enum rt_reactor_kind reactor;
    struct tc_error *error;  /* why there is no executor, when it is the kernel; may be NULL */
    size_t tasks_max;        /* alive at once; a spawn beyond it gives -EAGAIN. Default: no limit */
    unsigned budget;         /* operations that a poll may find ready; default RT_BUDGET */
    uint64_t order_seed;     /* not 0: what is ready is polled in an order drawn from it (tests) */
    struct rt_clock *clock;  /* default CLOCK_MONOTONIC; outlives the executor */
    size_t blocking_threads; /* at most, of the blocking pool; default RT_BLOCKING_THREADS */
    size_t blocking_queue;   /* jobs that may wait for one; default RT_BLOCKING_QUEUE */
    uint64_t stall_ns;       /* inspect flavour: longer polls are told; default RT_STALL_NS */
    size_t trace_events;     /* inspect flavour: the latest that are kept; default none */
};

/* How many operations of one poll may be ready at once (a message, a permit, bytes) before the task
 * has to let the others run: the same as Tokio's. */
#define RT_BUDGET 128

#define RT_BLOCKING_THREADS 512
#define RT_BLOCKING_QUEUE   4096

/* A poll that holds the loop for longer is a stall, where stalls are looked for (report.h). */
#define RT_STALL_NS UINT64_C(20000000)

/* Polls between two looks at the timers and the reactor. Go and Tokio use 61 for the same purpose;
 * at 64 an empty epoll_wait (about 100 ns) adds less than 2 ns to a busy switch. */
#define RT_POLLS_PER_TURN 64

/* How long the polls between two looks may take together: turns get shorter as polls get longer, so
 * that a task that computes for a millisecond delays timers and descriptors by a poll or two of its
 * and not by 64. */
#define RT_TURN_NS 200000

/* How many places ahead of the run queue's head task headers are prefetched, and from how many
 * places in the queue on. With a million shuffled tasks this halves the cost of a switch; tasks
 * that fit the second-level cache only pay for the instructions. */
#define RT_PREFETCH_AHEAD 8
#define RT_PREFETCH_FROM  8192

/* Readiness events taken from the kernel in one call. */
#define RT_EVENTS_PER_WAIT 256

/* Entries of io_uring's two rings. More operations than that may be under way; more submissions in
 * a turn of the loop only take a call in between. */
#define RT_URING_SUBMISSIONS 256
#define RT_URING_COMPLETIONS 4096

/* Address space that a slab takes from the kernel at a time; resident only as far as it is used. */
#define RT_SLAB_CHUNK_BYTES (2u << 20)

/* Resolution of the timer wheel: 2^10 ns, about a microsecond. Deadlines are rounded up to it. */
#define RT_TICK_SHIFT 10

#endif
