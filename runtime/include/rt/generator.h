/* SPDX-License-Identifier: MIT
 *
 * Generators: streams whose values an async function gives out one by one.
 *
 *     struct count {
 *         RT_FRAME;
 *         struct rt_generator *out;
 *         int64_t from, to;
 *     };
 *     ...
 *         for (; self->from < self->to; self->from++)
 *             RT_AWAIT(rt_give, self->out, self->from);
 *         RT_END(0);                              // the end; a negative result is an error
 *
 *     struct rt_generator numbers;                // in the frame of whoever takes the values
 *     RT_CHILD(count) body;                       // behind it
 *     ...
 *     RT_GENERATE(&self->numbers, &self->body, count, {.out = &self->numbers, .to = 10});
 *     RT_AWAIT_INTO(more, rt_stream_next, &self->numbers.stream, &self->number);
 *     ...
 *     RT_END_FINALLY(0, { rt_generator_stop(&self->numbers); });
 *
 * The function runs only while a value is awaited, as a branch (branch.h) of the task that awaits
 * it, and may itself await anything. Giving up a wait for a value leaves it where it is.
 */
#ifndef RT_GENERATOR_H
#define RT_GENERATOR_H

#include "rt/branch.h"
#include "rt/stream.h"

struct rt_generator {
    struct rt_stream stream;
    struct rt_node node;
    struct rt_task *body;
    int64_t value;
    bool given; /* a value, and it was taken or is about to be: the body waits in rt_give */
};

/* Begins a generator that runs `name` over `child`, an RT_CHILD(name) filled in with the braced
 * initialiser. */
#define RT_GENERATE(generator, child, name, ...)                                     \
    do {                                                                             \
        rt__generator_begin((generator), (struct rt_task *)(void *)(child)->branch); \
        RT_ARM(&(generator)->node, child, name, __VA_ARGS__);                        \
    } while (0)

/* Ends it: drops the function if it has not ended. To be called in any state after RT_GENERATE() or
 * when zero, also twice. */
void rt_generator_stop(struct rt_generator *generator);

/* Awaitable, for the function only: gives out one value; 0 when the next is wanted. */
static inline rt_poll rt_give_poll(struct rt_wait *wait, struct rt_cx *cx,
                                   struct rt_generator *generator, int64_t value)
{
    (void)cx;
    if (!rt_wait_is_idle(wait))
        return 0;
    RT_SEE(rt__see_promise(cx)); /* by whoever asks for the next value */
    wait->link.next = RT_GRANTED;
    generator->value = value;
    generator->given = true;
    return RT_PENDING;
}

static inline void rt_give_drop(struct rt_wait *wait, struct rt_generator *generator, int64_t value)
{
    (void)wait, (void)generator, (void)value;
}

void rt__generator_begin(struct rt_generator *generator, struct rt_task *body);

#endif
