/* SPDX-License-Identifier: MIT
 *
 * What to do with an operation's result, as operations again: `map`, `map_err` and `and_then`.
 * Nothing is allocated, and a chain compiles to the calls that it is made of.
 *
 *     RT_AWAIT_INTO(self->lines, rt_map, count_lines, rt_read, self->io, self->text, 100);
 *     RT_AWAIT_INTO(self->count, rt_map_err, explain, rt_connect, address, length, &self->io);
 *     RT_AWAIT_INTO(self->count, rt_and_then, &self->then,
 *                   (rt_chan_recv, self->in, &self->word),
 *                   (rt_chan_send, self->out, self->word));
 *
 * A function given to rt_map returns a value. One that is itself asynchronous does not fit: mapping
 * would give a future of a future that nobody polls; what awaits again is rt_and_then.
 *
 * Inside async functions plain code after an RT_TRY says the same; these are for where an operation
 * is expected: under rt_timeout, or in each other (but none directly in itself, being macros).
 */
#ifndef RT_THEN_H
#define RT_THEN_H

#include "rt/async.h"

/* Awaitable, as rt_map, int64_t (*function)(int64_t), operation, arguments...: the function of the
 * operation's result; an error is passed on. */
#define rt_map_poll(wait, cx, function, operation, ...) \
    rt__map(operation##_poll(wait, cx, ##__VA_ARGS__), function)
#define rt_map_drop(wait, function, operation, ...) operation##_drop(wait, ##__VA_ARGS__)

/* Awaitable: the same for errors; the function makes another error of it, or a result. */
#define rt_map_err_poll(wait, cx, function, operation, ...) \
    rt__map_err(operation##_poll(wait, cx, ##__VA_ARGS__), function)
#define rt_map_err_drop(wait, function, operation, ...) operation##_drop(wait, ##__VA_ARGS__)

static inline rt_poll rt__map(rt_poll result, int64_t (*function)(int64_t))
{
    return result < 0 ? result : function(result); /* pending is negative too */
}

static inline rt_poll rt__map_err(rt_poll result, int64_t (*function)(int64_t))
{
    return result >= 0 || result == RT_PENDING ? result : function(result);
}

/* Two operations, one after the other. In the frame; needs no initialisation. */
struct rt_then {
    struct rt_wait wait; /* of the operation under way */
    bool second;
    int64_t value; /* what the first has given, once it has */
};

/* Awaitable, as rt_and_then, struct rt_then *, (first...), (second...): awaits the first operation
 * and, unless it fails, the second, whose result it is. The second's arguments may use
 * then->value. */
#define rt_and_then_poll(own, cx, then, one, other)                                           \
    ({                                                                                        \
        rt_poll rt__chained = 0;                                                              \
        rt__then_begin(own, then);                                                            \
        if (!(then)->second)                                                                  \
            rt__chained = rt__then_go_on(then, RT__POLL_OF(&(then)->wait, cx, RT__LIST one)); \
        if ((then)->second)                                                                   \
            rt__chained = RT__POLL_OF(&(then)->wait, cx, RT__LIST other);                     \
        rt__then_end(own, rt__chained);                                                       \
    })

#define rt_and_then_drop(own, then, one, other)         \
    do {                                                \
        (void)(own);                                    \
        if ((then)->second)                             \
            RT__DROP_OF(&(then)->wait, RT__LIST other); \
        else                                            \
            RT__DROP_OF(&(then)->wait, RT__LIST one);   \
    } while (0)

#define RT__LIST(...)                              __VA_ARGS__
#define RT__POLL_OF(wait, cx, ...)                 RT__POLL_OF_LIST(wait, cx, __VA_ARGS__)
#define RT__POLL_OF_LIST(wait, cx, operation, ...) operation##_poll(wait, cx, ##__VA_ARGS__)
#define RT__DROP_OF(wait, ...)                     RT__DROP_OF_LIST(wait, __VA_ARGS__)
#define RT__DROP_OF_LIST(wait, operation, ...)     operation##_drop(wait, ##__VA_ARGS__)

static inline void rt__then_begin(struct rt_wait *wait, struct rt_then *then)
{
    if (wait->link.next == RT_REFUSED)
        rt__polled_after_end("rt_and_then");
    if (!rt_wait_is_idle(wait))
        return;
    wait->link.next = RT_GRANTED; /* begun */
    rt_wait_init(&then->wait);
    then->second = false;
}

static inline rt_poll rt__then_go_on(struct rt_then *then, rt_poll result)
{
    if (result < 0)
        return result;
    then->value = result;
    then->second = true;
    rt_wait_init(&then->wait);
    return result;
}

static inline rt_poll rt__then_end(struct rt_wait *wait, rt_poll result)
{
    if (result != RT_PENDING)
        wait->link.next = RT_REFUSED;
    return result;
}

#endif
