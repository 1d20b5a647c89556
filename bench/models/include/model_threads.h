/* SPDX-License-Identifier: MIT
 *
 * The vocabulary on POSIX threads: every operation that may wait blocks the thread that calls it.
 * How tasks come to their threads stands in model_threads_each.h and model_threads_pool.h.
 */
#ifndef MODEL_THREADS_H
#define MODEL_THREADS_H

#include "tb/tb.h"

#include <errno.h>
#include <string.h>

#ifndef MODEL_ON_POOL
#include "model_threads_each.h"
#endif

typedef struct tb_chan *chan_t;
typedef struct tb_event event_t;
typedef struct tb_event_one event_one_t;
typedef struct tb_latch latch_t;
typedef struct tb_mutex mutex_t;
typedef struct tb_rwlock rwlock_t;
typedef struct tb_semaphore semaphore_t;
typedef struct tb_notify notify_t;
typedef struct tb_barrier barrier_t;
typedef struct tb_oneshot oneshot_t;
typedef struct tb_broadcast *broadcast_t;
typedef struct tb_broadcast_receiver broadcast_receiver_t;
typedef struct tb_watch watch_t;
typedef struct tb_watch_receiver watch_receiver_t;
typedef struct {
} sleep_timer_t; /* the kernel keeps it */
typedef struct tb_alarm alarm_t;
typedef struct tb_file file_t;
typedef struct tb_io io_t;
#define IO_NONE ((io_t){.fd = -1})

/* -- tasks -- */

#define TASK(name, ...)                                      \
    struct name {                                            \
        struct __VA_ARGS__;                                  \
    };                                                       \
    TC_ALWAYS_INLINE int64_t name##_body(struct name *self); \
    static int64_t name(void *frame)                         \
    {                                                        \
        return name##_body(frame);                           \
    }                                                        \
    TC_ALWAYS_INLINE int64_t name##_body(struct name *self)

#define TASK_BEGIN         (void)self
#define TASK_RETURN(value) return (int64_t)(value)
#define TASK_END           return 0

/* -- memory that a task holds: of its stack -- */

/* What the C library and the calls below a task need of a stack beside. */
enum { MODEL_STACK_RESERVE = 16 << 10 };

static inline bool model_can_hold(size_t bytes)
{
    size_t stack = model_stack_bytes();
    return stack >= MODEL_STACK_RESERVE && bytes <= stack - MODEL_STACK_RESERVE;
}

#define CAN_HOLD(bytes) model_can_hold(bytes)
#define HOLD(bytes)                                             \
    ({                                                          \
        void *model_memory = __builtin_alloca(bytes);           \
        memset(model_memory, 1, bytes);                         \
        __asm__ volatile("" : "+r"(model_memory) : : "memory"); \
        model_memory;                                           \
    })
#define RELEASE(memory) (void)(memory)

/* -- operations that may wait: they block -- */

/* A task that was asked to end ends at the wait that says so, as one that is aborted in the async
 * model does. Only a failed wait has to look. */
#define MODEL_WAS_ABORTED(result) (TC_UNLIKELY((result) == -ECANCELED) && tb_cancel_requested())

#define AWAIT(...)                MODEL_AWAIT(__VA_ARGS__)
#define AWAIT_INTO(variable, ...) MODEL_AWAIT_INTO(variable, __VA_ARGS__)
#define MODEL_AWAIT(operation, ...)                         \
    do {                                                    \
        MODEL_COUNT(operation);                             \
        if (MODEL_WAS_ABORTED(tb_##operation(__VA_ARGS__))) \
            return -ECANCELED;                              \
    } while (0)
#define MODEL_AWAIT_INTO(variable, operation, ...) \
    do {                                           \
        MODEL_COUNT(operation);                    \
        (variable) = tb_##operation(__VA_ARGS__);  \
        if (MODEL_WAS_ABORTED(variable))           \
            return -ECANCELED;                     \
    } while (0)

#define task_join(handle)                      join, handle
#define task_yield()                           yield
#define chan_send(chan, word)                  chan_send, chan, word
#define chan_recv(chan, word)                  chan_recv, chan, word
#define chan_reserve(chan)                     chan_reserve, chan
#define event_wait(event)                      event_wait, event
#define event_one_wait(event)                  event_one_wait, event
#define latch_wait(latch)                      latch_wait, latch
#define mutex_lock(mutex)                      mutex_lock, mutex
#define rwlock_read(lock)                      rwlock_read, lock
#define rwlock_write(lock)                     rwlock_write, lock
#define semaphore_acquire(sem, count)          semaphore_acquire, sem, count
#define notify_wait(notify)                    notify_wait, notify
#define barrier_wait(barrier)                  barrier_wait, barrier
#define oneshot_recv(oneshot, word)            oneshot_recv, oneshot, word
#define broadcast_recv(receiver, word)         broadcast_recv, receiver, word
#define watch_changed(receiver, word)          watch_changed, receiver, word
#define futex_wait(word, value)                futex_wait, word, value
#define sleep_until(timer, deadline_ns)        sleep_until, deadline_ns
#define blocking(fn, data, size)               blocking, fn, data, size
#define file_open(path, flags, mode, file)     file_open, path, flags, mode, file
#define file_read(file, buffer, size, offset)  file_read, &(file), buffer, size, offset
#define file_write(file, buffer, size, offset) file_write, &(file), buffer, size, offset
#define io_read(io, buffer, size)              read, &(io), buffer, size
#define io_write(io, buffer, size)             write, &(io), buffer, size
#define io_accept(listener, io)                accept, &(listener), io
#define io_connect(address, length, io)        connect, address, length, io

/* -- calls that do not wait -- */

#define chan_new       tb_chan_new
#define chan_free      tb_chan_free
#define chan_close     tb_chan_close
#define event_init     tb_event_init
#define event_set      tb_event_set
#define event_reset    tb_event_reset
#define event_one_init tb_event_one_init
#define event_one_set  tb_event_one_set
#define latch_init     tb_latch_init
#define latch_reset    tb_latch_reset
#define latch_arrive   tb_latch_arrive

#define alarm_open  tb_alarm_open
#define alarm_close tb_alarm_close
#define alarm_start(alarm, deadline_ns) \
    (MODEL_COUNT(alarm_start), tb_alarm_start(alarm, deadline_ns))
#define alarm_stop(alarm) (MODEL_COUNT(alarm_stop), tb_alarm_stop(alarm))

#define chan_commit         tb_chan_commit
#define chan_unreserve      tb_chan_unreserve
#define mutex_init          tb_mutex_init
#define mutex_unlock        tb_mutex_unlock
#define rwlock_init         tb_rwlock_init
#define rwlock_read_unlock  tb_rwlock_read_unlock
#define rwlock_write_unlock tb_rwlock_write_unlock
#define semaphore_init      tb_semaphore_init
#define semaphore_release   tb_semaphore_release
#define notify_init         tb_notify_init
#define notify_one          tb_notify_one
#define notify_all          tb_notify_all
#define barrier_init        tb_barrier_init
#define oneshot_init        tb_oneshot_init
#define oneshot_send        tb_oneshot_send
#define oneshot_close       tb_oneshot_close
#define broadcast_new       tb_broadcast_new
#define broadcast_free      tb_broadcast_free
#define broadcast_close     tb_broadcast_close
#define broadcast_subscribe tb_broadcast_subscribe
#define broadcast_send      tb_broadcast_send
#define watch_init          tb_watch_init
#define watch_subscribe     tb_watch_subscribe
#define watch_send          tb_watch_send
#define watch_close         tb_watch_close

#define futex_wake(word) tc_futex_wake(word, 1)

#define io_open    tb_io_open
#define io_listen  tb_listen
#define file_close tb_file_close
#define io_close   tb_io_close
#define io_fd(io)  ((io).fd)

#endif
