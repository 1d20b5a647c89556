/* SPDX-License-Identifier: MIT
 *
 * Operation counts for the parity test. In the ordinary build nothing here leaves an instruction.
 */
#ifndef MODEL_COUNT_H
#define MODEL_COUNT_H

#include <stdint.h>

/* One line an operation of the vocabulary. */
#define MODEL_OPERATIONS(X) \
    X(spawn)                \
    X(join)                 \
    X(yield)                \
    X(chan_send)            \
    X(chan_recv)            \
    X(chan_reserve)         \
    X(event_wait)           \
    X(event_one_wait)       \
    X(latch_wait)           \
    X(mutex_lock)           \
    X(rwlock_read)          \
    X(rwlock_write)         \
    X(semaphore_acquire)    \
    X(notify_wait)          \
    X(barrier_wait)         \
    X(oneshot_recv)         \
    X(broadcast_recv)       \
    X(watch_changed)        \
    X(futex_wait)           \
    X(sleep_until)          \
    X(file_open)            \
    X(file_read)            \
    X(file_write)           \
    X(blocking)             \
    X(alarm_start)          \
    X(alarm_stop)           \
    X(read)                 \
    X(write)                \
    X(accept)               \
    X(connect)

enum model_operation {
#define X(name) MODEL_OP_##name,
    MODEL_OPERATIONS(X)
#undef X
        MODEL_OP_COUNT
};

#ifdef TC_COUNT_OPERATIONS
extern uint64_t model_counts[MODEL_OP_COUNT];
/* Relaxed: sums that are read after all tasks have ended. */
#define MODEL_COUNT(operation) \
    (void)__atomic_fetch_add(&model_counts[MODEL_OP_##operation], 1, __ATOMIC_RELAXED)
#else
#define MODEL_COUNT(operation) (void)0
#endif

#endif
