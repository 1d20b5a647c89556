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
 * context, the body jumps to its resume point and drops the operation that it waits for there; the
 * code after it does not run.
 */
#ifndef RT_ASYNC_H
#define RT_ASYNC_H

#include "rt/executor.h"

#include <errno.h>

/* The first member of every frame. 32 bytes. */
#define RT_FRAME            \
    struct rt_wait rt_wait; \
    uint32_t rt_resume

#define RT_BEGIN(frame, context)                                                \
    __attribute__((unused)) struct rt_wait *const rt__wait = &(frame)->rt_wait; \
    uint32_t *const rt__resume = &(frame)->rt_resume;                           \
    struct rt_cx *const rt__cx = (context);                                     \
    switch (*rt__resume) {                                                      \
    case 0:                                                                     \
        if (TC_UNLIKELY(!rt__cx))                                               \
        return 0

/* Ends the function with a result. */
#define RT_RETURN(result) return (rt_poll)(result)

#define RT_END(result) \
    }                  \
    RT_RETURN(result)

/* Waits for an operation and stores its result. */
#define RT_AWAIT_INTO(target, ...) RT__AWAIT_AT(__COUNTER__ + 1, (target) =, __VA_ARGS__)

/* Waits for an operation whose result is not wanted. */
#define RT_AWAIT(...) RT__AWAIT_AT(__COUNTER__ + 1, (void), __VA_ARGS__)

/* The first poll and the later ones are separate copies of the inlined operation, so that each is
 * compiled knowing which it is. */
#define RT__AWAIT_AT(point, store, operation, ...)                              \
    do {                                                                        \
        rt_wait_init(rt__wait);                                                 \
        rt_poll rt__result = operation##_poll(rt__wait, rt__cx, ##__VA_ARGS__); \
        if (rt__result == RT_PENDING) {                                         \
            *rt__resume = (point);                                              \
            return RT_PENDING;                                                  \
        case (point):                                                           \
            if (TC_UNLIKELY(!rt__cx)) {                                         \
                operation##_drop(rt__wait, ##__VA_ARGS__);                      \
                return 0;                                                       \
            }                                                                   \
            rt__result = operation##_poll(rt__wait, rt__cx, ##__VA_ARGS__);     \
            if (rt__result == RT_PENDING)                                       \
                return RT_PENDING;                                              \
        }                                                                       \
        store rt__result;                                                       \
    } while (0)

/* Awaits another async function whose frame, embedded in this one, has been filled in. */
static inline rt_poll rt_call_poll(struct rt_wait *wait, struct rt_cx *cx, rt_step_fn *step,
                                   void *frame)
{
    (void)wait;
    return step(frame, cx);
}

static inline void rt_call_drop(struct rt_wait *wait, rt_step_fn *step, void *frame)
{
    (void)wait;
    step(frame, NULL);
}

/* Spawns the async function `name` over a `struct name` filled in with the braced initialiser. 0,
 * or -ENOMEM. Without a handle it is detached: RT_SPAWN(executor, name, NULL, {...}). */
#define RT_SPAWN(executor, name, handle_out, ...)                                      \
    ({                                                                                 \
        struct rt_task *rt__task = rt_task_new((executor), name, sizeof(struct name)); \
        if (TC_LIKELY(rt__task)) {                                                     \
            struct rt_handle *rt__handle = (handle_out);                               \
            *(struct name *)rt__task->frame = (struct name)__VA_ARGS__;                \
            if (rt__handle)                                                            \
                *rt__handle = rt_task_start(rt__task);                                 \
            else                                                                       \
                rt_task_start_detached(rt__task);                                      \
        }                                                                              \
        rt__task ? 0 : -ENOMEM;                                                        \
    })

#endif
