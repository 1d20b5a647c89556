/* SPDX-License-Identifier: MIT
 *
 * An async function that awaits one operation and returns its result, so that an operation can be
 * spawned, called, joined or selected from like any function:
 *
 *     RT_FUTURE(receive, rt_chan_recv, (struct rt_chan *, chan), (int64_t *, message));
 *
 *     RT_ARM(&self->node, &self->news, receive, {.chan = self->in, .message = &self->word});
 *
 * The pairs are the types of the operation's arguments, at most four, and names for them.
 */
#ifndef RT_FUTURE_H
#define RT_FUTURE_H

#include "rt/async.h"

/* Defines `struct name` and its step function, which is static. */
#define RT_FUTURE(name, operation, ...)                                              \
    struct name {                                                                    \
        RT_FRAME;                                                                    \
        RT__EACH(RT__FUTURE_FIELD, __VA_ARGS__)                                      \
    };                                                                               \
    static rt_poll name(void *frame, struct rt_cx *cx)                               \
    {                                                                                \
        struct name *self = frame;                                                   \
        int64_t result = 0;                                                          \
        RT_BEGIN(self, cx);                                                          \
        RT_AWAIT_INTO(result, operation RT__EACH(RT__FUTURE_ARGUMENT, __VA_ARGS__)); \
        RT_END(result);                                                              \
    }                                                                                \
    _Static_assert(sizeof(struct name), "takes the semicolon")

#define RT__FUTURE_FIELD(type, name)    type name;
#define RT__FUTURE_ARGUMENT(type, name) , self->name

/* Applies the macro to each of up to four lists. */
#define RT__EACH(macro, ...) \
    __VA_OPT__(              \
        RT__PICK(__VA_ARGS__, RT__EACH4, RT__EACH3, RT__EACH2, RT__EACH1, )(macro, __VA_ARGS__))
#define RT__PICK(a, b, c, d, chosen, ...) chosen
#define RT__EACH1(macro, first)           macro first
#define RT__EACH2(macro, first, ...)      macro first RT__EACH1(macro, __VA_ARGS__)
#define RT__EACH3(macro, first, ...)      macro first RT__EACH2(macro, __VA_ARGS__)
#define RT__EACH4(macro, first, ...)      macro first RT__EACH3(macro, __VA_ARGS__)

#endif
