/* SPDX-License-Identifier: MIT
 *
 * The vocabulary on the async runtime, current-thread executor.
 */
#ifndef MODEL_ASYNC_H
#define MODEL_ASYNC_H

#include "rt/rt.h"

#ifndef MODEL_NAME
#define MODEL_NAME        "async"
#define MODEL_DESCRIPTION "poll-style tasks on a current-thread executor, epoll"
#define MODEL_REACTOR     RT_REACTOR_EPOLL
/* clang-format off */
#define MODEL_REACTOR_CHOICE {"reactor", "epoll-edge", "registered at the first wait, once"}
/* clang-format on */
#endif
#define MODEL_ONE_THREAD true
/* clang-format off */
#define MODEL_PARAMS      {{0}}
#define MODEL_CHOICES     {{"driver", "task", "the driver is a task on the same executor"}, \
                           MODEL_REACTOR_CHOICE}
#define MODEL_ENVIRONMENT {0}
/* clang-format on */

#include <stdlib.h>
#include <string.h>

typedef struct rt_handle handle_t;
typedef struct rt_chan *chan_t;
typedef struct rt_event event_t;
typedef struct rt_event_one event_one_t;
typedef struct rt_latch latch_t;
typedef struct rt_mutex mutex_t;
typedef struct rt_rwlock rwlock_t;
typedef struct rt_semaphore semaphore_t;
typedef struct rt_notify notify_t;
typedef struct rt_barrier barrier_t;
typedef struct rt_oneshot oneshot_t;
typedef struct rt_broadcast *broadcast_t;
typedef struct rt_broadcast_receiver broadcast_receiver_t;
typedef struct rt_watch watch_t;
typedef struct rt_watch_receiver watch_receiver_t;
typedef struct rt_timer sleep_timer_t;
typedef struct rt_timer alarm_t;
typedef struct rt_file *file_t;
typedef struct rt_io *io_t;
#define IO_NONE ((io_t)0)

/* -- tasks -- */

#define TASK(name, ...)                                                              \
    struct name {                                                                    \
        RT_FRAME;                                                                    \
        struct __VA_ARGS__;                                                          \
    };                                                                               \
    TC_ALWAYS_INLINE rt_poll name##_body(struct name *self, struct rt_cx *model_cx); \
    static rt_poll name(void *frame, struct rt_cx *cx)                               \
    {                                                                                \
        return name##_body(frame, cx);                                               \
    }                                                                                \
    TC_ALWAYS_INLINE rt_poll name##_body(struct name *self, struct rt_cx *model_cx)

#define TASK_BEGIN         RT_BEGIN(self, model_cx)
#define TASK_RETURN(value) RT_RETURN(value)
#define TASK_END           RT_END(0)

#define SPAWN(name, handle, ...) \
    (MODEL_COUNT(spawn), RT_SPAWN(model_cx->executor, name, handle, __VA_ARGS__))

#define SPAWN_ABORTABLE    SPAWN /* each can be */
#define task_abort(handle) rt_abort(handle)

#define RUN(round, name, ...)                                                            \
    ({                                                                                   \
        struct rt_executor *model_executor = model_executor_new(round);                  \
        struct rt_handle model_root;                                                     \
        int64_t model_result = RT_SPAWN(model_executor, name, &model_root, __VA_ARGS__); \
        if (model_result == 0)                                                           \
            model_result = rt_block_on(model_executor, model_root);                      \
        rt_executor_free(model_executor);                                                \
        model_result;                                                                    \
    })

/* A kernel that lacks or forbids what the model stands on is a reason, not a failure. */
static inline struct rt_executor *model_executor_new(struct wl_round *round)
{
    struct tc_error error = {{0}};
    struct rt_config config = {.reactor = MODEL_REACTOR, .error = &error};
    struct rt_executor *executor = rt_executor_new(&config);
    if (!executor && (errno == ENOSYS || errno == EPERM))
        wl_skip(round, "%s", error.text);
    if (!executor)
        wl_fail(round, -errno, "creating the executor", 0);
    return executor;
}

/* -- memory that a task holds: a block of the heap -- */

#define CAN_HOLD(bytes) true
#define HOLD(bytes)     model_hold(bytes)
#define RELEASE(memory) free(memory)

static inline void *model_hold(size_t bytes)
{
    void *memory = malloc(bytes);
    return memory ? memset(memory, 1, bytes) : NULL;
}

/* -- operations that may wait: each name is a list of the operation and its arguments, which AWAIT
 * takes apart -- */

#define AWAIT(...)                MODEL_AWAIT(__VA_ARGS__)
#define AWAIT_INTO(variable, ...) MODEL_AWAIT_INTO(variable, __VA_ARGS__)
#define MODEL_AWAIT(operation, ...)                          \
    do {                                                     \
        MODEL_COUNT(operation);                              \
        RT_AWAIT(rt_##operation __VA_OPT__(, ) __VA_ARGS__); \
    } while (0)
#define MODEL_AWAIT_INTO(variable, operation, ...)                          \
    do {                                                                    \
        MODEL_COUNT(operation);                                             \
        RT_AWAIT_INTO(variable, rt_##operation __VA_OPT__(, ) __VA_ARGS__); \
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
#define sleep_until(timer, deadline_ns)        sleep_until, timer, deadline_ns
#define blocking(fn, data, size)               blocking, fn, data, size
#define file_open(path, flags, mode, file)     file_open, path, flags, mode, file
#define file_read(file, buffer, size, offset)  file_read, file, buffer, size, offset
#define file_write(file, buffer, size, offset) file_write, file, buffer, size, offset
#define io_read(io, buffer, size)              read, io, buffer, size
#define io_write(io, buffer, size)             write, io, buffer, size
#define io_accept(listener, io)                accept, listener, io
#define io_connect(address, length, io)        connect, address, length, io

/* -- calls that do not wait -- */

#define chan_new       rt_chan_new
#define chan_free      rt_chan_free
#define chan_close     rt_chan_close
#define event_init     rt_event_init
#define event_set      rt_event_set
#define event_reset    rt_event_reset
#define event_one_init rt_event_one_init
#define event_one_set  rt_event_one_set
#define latch_init     rt_latch_init
#define latch_reset    rt_latch_reset
#define latch_arrive   rt_latch_arrive

#define alarm_open(alarm)  (rt_timer_init(alarm), 0)
#define alarm_close(alarm) rt_timer_stop(alarm)
#define alarm_start(alarm, deadline_ns) \
    (MODEL_COUNT(alarm_start), rt_timer_start(alarm, model_cx, deadline_ns))
#define alarm_stop(alarm) (MODEL_COUNT(alarm_stop), rt_timer_stop(alarm))

#define chan_commit         rt_chan_commit
#define chan_unreserve      rt_chan_unreserve
#define mutex_init          rt_mutex_init
#define mutex_unlock        rt_mutex_unlock
#define rwlock_init         rt_rwlock_init
#define rwlock_read_unlock  rt_rwlock_read_unlock
#define rwlock_write_unlock rt_rwlock_write_unlock
#define semaphore_init      rt_semaphore_init
#define semaphore_release   rt_semaphore_release
#define notify_init         rt_notify_init
#define notify_one          rt_notify_one
#define notify_all          rt_notify_all
#define barrier_init        rt_barrier_init
#define oneshot_init        rt_oneshot_init
#define oneshot_send        rt_oneshot_send
#define oneshot_close       rt_oneshot_close
#define broadcast_new       rt_broadcast_new
#define broadcast_free      rt_broadcast_free
#define broadcast_close     rt_broadcast_close
#define broadcast_subscribe rt_broadcast_subscribe
#define broadcast_send      rt_broadcast_send
#define watch_init          rt_watch_init
#define watch_subscribe     rt_watch_subscribe
#define watch_send          rt_watch_send
#define watch_close         rt_watch_close

#define io_open(fd, io) rt_io_open(model_cx->executor, fd, io)
#define io_listen(address, length, backlog, io) \
    rt_listen(model_cx->executor, address, length, backlog, io)
#define file_close(file) rt_file_close(*(file))
#define io_close(io)     (void)rt_io_close(*(io))
#define io_fd(io)        rt_io_fd(io)

#endif
