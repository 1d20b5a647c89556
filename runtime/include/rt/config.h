/* SPDX-License-Identifier: MIT
 *
 * The constants that decide how the runtime behaves, in one place, so that results can name them.
 */
#ifndef RT_CONFIG_H
#define RT_CONFIG_H

/* Polls between two looks at the timers and the reactor. Go and Tokio use 61 for the same purpose;
 * at 64 an empty epoll_wait (about 100 ns) adds less than 2 ns to a busy switch. */
#define RT_POLLS_PER_TURN 64

/* How many places ahead of the run queue's head task headers are prefetched, and from how many
 * places in the queue on. With a million shuffled tasks this halves the cost of a switch; tasks
 * that fit the second-level cache only pay for the instructions. */
#define RT_PREFETCH_AHEAD 8
#define RT_PREFETCH_FROM  8192

/* Readiness events taken from the kernel in one call. */
#define RT_EVENTS_PER_WAIT 256

/* Address space that a slab takes from the kernel at a time; resident only as far as it is used. */
#define RT_SLAB_CHUNK_BYTES (2u << 20)

/* Resolution of the timer wheel: 2^10 ns, about a microsecond. Deadlines are rounded up to it. */
#define RT_TICK_SHIFT 10

#endif
