/* SPDX-License-Identifier: MIT
 *
 * Calls: async functions that await async functions.
 *
 *     struct parent {
 *         RT_FRAME;
 *         RT_CALLEE(child) child;             // the frame of the function to be called
 *         int64_t result;
 *     };
 *     ...
 *         RT_CALL_INTO(self->result, child, &self->child, {.argument = 1});
 *
 * A wake resumes the innermost function, not the root: while a task is inside calls, its step is a
 * trampoline that polls the innermost frame and walks outward only as functions end. So a wake
 * costs the same however deep the calls are, and a level costs memory only.
 *
 * That takes three words of the outermost frame, which has them: its own waiter is free while it
 * waits for a call. It works where the outermost frame is that of a task or of a branch. A function
 * that a hand-written future polls as a part of its own frame is polled through that future, as it
 * expects, and so are the functions that it calls. (Such a future must not begin with a frame or
 * waiter that it polls with: something else of its own comes first.)
 */
#ifndef RT_CALL_H
#define RT_CALL_H

#include "rt/async.h"

/* A call under way. The callee's frame lies behind it. */
struct rt_call {
    rt_step_fn *step; /* the callee's; NULL once it has ended */
    union {
        struct rt_call *outer; /* the call that the caller runs in; NULL when it is the outermost */
        int64_t result;        /* once ended */
    };
};

#define RT_CALLEE(name)      \
    struct {                 \
        struct rt_call call; \
        struct name frame;   \
    }

/* Awaits the async function `name` over `callee`, whose frame is filled in with the braced
 * initialiser, and stores its result. */
#define RT_CALL_INTO(target, name, callee, ...)                \
    do {                                                       \
        RT__CALL_PREPARE(name, callee, __VA_ARGS__);           \
        RT_AWAIT_INTO(target, rt_call, &(callee)->call, name); \
    } while (0)

/* The same for a result that is not wanted. */
#define RT_CALL(name, callee, ...)                   \
    do {                                             \
        RT__CALL_PREPARE(name, callee, __VA_ARGS__); \
        RT_AWAIT(rt_call, &(callee)->call, name);    \
    } while (0)

/* The same, ending the calling function with a negative result. */
#define RT_TRY_CALL(name, callee, ...)               \
    do {                                             \
        RT__CALL_PREPARE(name, callee, __VA_ARGS__); \
        RT_TRY(rt_call, &(callee)->call, name);      \
    } while (0)

/* The same, storing the result otherwise. */
#define RT_TRY_CALL_INTO(target, name, callee, ...)          \
    do {                                                     \
        RT__CALL_PREPARE(name, callee, __VA_ARGS__);         \
        RT_TRY_INTO(target, rt_call, &(callee)->call, name); \
    } while (0)

#define RT__CALL_PREPARE(name, callee, ...)                                                    \
    _Static_assert(__builtin_offsetof(__typeof__(*(callee)), frame) == sizeof(struct rt_call), \
                   "the callee's frame lies right behind the call");                           \
    (callee)->frame = (struct name)__VA_ARGS__

/* Awaitable: the result of `step` over the frame behind `call`, filled in before. O(1), and what
 * the callee does. */
rt_poll rt_call_poll(struct rt_wait *wait, struct rt_cx *cx, struct rt_call *call,
                     rt_step_fn *step);
void rt_call_drop(struct rt_wait *wait, struct rt_call *call, rt_step_fn *step);

#endif
