/* SPDX-License-Identifier: MIT
 *
 * Async functions: state machines that read like straight code.
 *
 *     struct relay {
 *         RT_FRAME;                           // resume point and waiter, always first
 *         struct rt_chan *in, *out;           // arguments and all that lives across an await
 *         int64_t value;
 *     };
 *     static rt_poll relay(void *frame, struct rt_cx *cx)
 *     {
 *         struct relay *self = frame;
 *         RT_BEGIN(self, cx);
 *         for (;;) {
 *             RT_AWAIT(rt_chan_recv, self->in, &self->value);
 *             RT_AWAIT(rt_chan_send, self->out, self->value);
 *         }
 *         RT_END(0);
 *     }
 *
 *     RT_SPAWN(executor, relay, &handle, {.in = a, .out = b});
 *
 * The body is a switch over the resume point (Simon Tatham, "Coroutines in C", 2000), so: locals do
 * not survive an await, and no await may stand inside a switch of the body. Polled with a NULL
 * context, the body jumps to its resume point, drops the operation that it waits for there and
 * leaves. What must happen on every way out stands in RT_END_FINALLY(): the frame belongs to the
 * function from the moment it is filled in, so that runs exactly once whether the function returns,
 * leaves with an error (RT_TRY), is dropped at an await, or is dropped before its first poll. It
 * can't wait.
 *
 * Awaiting another async function is a call (call.h).
 */
#ifndef RT_ASYNC_H
#define RT_ASYNC_H

#include "rt/executor.h"

#include <errno.h>

/* The first member of every frame. 32 bytes. */
#define RT_FRAME struct rt_wait rt_wait RT_SEEN(; struct rt_place rt_place)

#define RT_BEGIN(frame, context)                                                            \
    __attribute__((unused)) struct rt_wait *const rt__wait = &(frame)->rt_wait;             \
    uint32_t *const rt__resume = &(frame)->rt_wait.resume;                                  \
    RT_SEEN(__attribute__((unused)) struct rt_place *const rt__place = &(frame)->rt_place;) \
    struct rt_cx *const rt__cx = (context);                                                 \
    rt_poll rt__outcome = 0;                                                                \
    switch (*rt__resume) {                                                                  \
    default:                                                                                \
        rt__polled_after_end(__func__);                                                     \
    case 0:                                                                                 \
        if (TC_UNLIKELY(!rt__cx))                                                           \
        goto rt__leave

/* Ends the function with a result. */
#define RT_RETURN(result)                \
    do {                                 \
        rt__outcome = (rt_poll)(result); \
        goto rt__leave;                  \
    } while (0)

#define RT_END(result) RT_END_FINALLY(result, {})

/* The end of a function with clean-ups: a statement, which may look at the frame. */
#define RT_END_FINALLY(result, ...)   \
    }                                 \
    rt__outcome = (rt_poll)(result);  \
    rt__leave:                        \
    *rt__resume = RT__RESUME_NOWHERE; \
    __VA_ARGS__                       \
    return rt__outcome

/* The resume point of a function that has ended, by returning or by being dropped. */
#define RT__RESUME_NOWHERE UINT32_MAX

/* Prints the function's name and aborts: a future is polled, or dropped, after its end. */
__attribute__((noreturn, cold)) void rt__polled_after_end(const char *function);

/* Waits for an operation and stores its result. */
#define RT_AWAIT_INTO(target, ...) RT__AWAIT_AT(__COUNTER__ + 1, (target) =, __VA_ARGS__)

/* Waits for an operation whose result is not wanted. */
#define RT_AWAIT(...) RT__AWAIT_AT(__COUNTER__ + 1, (void), __VA_ARGS__)

/* Waits for an operation; a negative result ends the function with it, which passes an error on. */
#define RT_TRY(...)                              \
    do {                                         \
        RT_AWAIT_INTO(rt__outcome, __VA_ARGS__); \
        if (TC_UNLIKELY(rt__outcome < 0))        \
            goto rt__leave;                      \
    } while (0)

/* The same, storing the result when it is none. */
#define RT_TRY_INTO(target, ...) \
    do {                         \
        RT_TRY(__VA_ARGS__);     \
        (target) = rt__outcome;  \
    } while (0)

/* The first poll and the later ones are separate copies of the inlined operation, so that each is
 * compiled knowing which it is. */
#define RT__AWAIT_AT(point, store, operation, ...)                              \
    do {                                                                        \
        rt_wait_init(rt__wait);                                                 \
        RT_SEEN(const uint64_t rt__promises = rt__see_promises(rt__cx);)        \
        rt_poll rt__result = operation##_poll(rt__wait, rt__cx, ##__VA_ARGS__); \
        if (rt__result == RT_PENDING) {                                         \
            RT_SEE(RT__AWAITED(operation, ##__VA_ARGS__));                      \
            *rt__resume = (point);                                              \
            return RT_PENDING;                                                  \
        case (point):                                                           \
            if (TC_UNLIKELY(!rt__cx)) {                                         \
                operation##_drop(rt__wait, ##__VA_ARGS__);                      \
                goto rt__leave;                                                 \
            }                                                                   \
            rt__result = operation##_poll(rt__wait, rt__cx, ##__VA_ARGS__);     \
            RT_SEE(rt__see_again(rt__cx, rt__result));                          \
            if (rt__result == RT_PENDING)                                       \
                return RT_PENDING;                                              \
        }                                                                       \
        store rt__result;                                                       \
    } while (0)

/* Spawns the async function `name` over a `struct name` filled in with the braced initialiser. 0,
 * or -ENOMEM, or -EAGAIN when as many tasks are alive as the executor may have. Without a handle it
 * is detached: RT_SPAWN(executor, name, NULL, {...}). */
#define RT_SPAWN(executor, name, handle_out, ...)                                      \
    ({                                                                                 \
        struct rt_task *rt__task = rt_task_new((executor), name, sizeof(struct name)); \
        if (TC_LIKELY(rt__task)) {                                                     \
            RT_SEE(rt__see_name(rt__task, RT__SITE(#name)));                           \
            struct rt_handle *rt__handle = (handle_out);                               \
            *(struct name *)rt__task->frame = (struct name)__VA_ARGS__;                \
            if (rt__handle)                                                            \
                *rt__handle = rt_task_start(rt__task);                                 \
            else                                                                       \
                rt_task_start_detached(rt__task);                                      \
        }                                                                              \
        rt__task ? 0 : -errno;                                                         \
    })

#endif
