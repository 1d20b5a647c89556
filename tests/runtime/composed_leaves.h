/* SPDX-License-Identifier: MIT
 *
 * Every combinator, waiting for a message of one channel in its own way: as operations of the table
 * that operations.h keeps, they are given up at every moment like any other.
 */
#ifndef COMPOSED_LEAVES_H
#define COMPOSED_LEAVES_H

#include "counting.h"

RT_FUTURE(receiving, rt_chan_recv, (struct rt_chan *, chan), (int64_t *, word));

struct giving {
    RT_FRAME;
    struct rt_generator *out;
    struct rt_chan *chan;
    int64_t word;
};

static inline rt_poll giving(void *frame, struct rt_cx *cx)
{
    struct giving *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_chan_recv, self->chan, &self->word);
    RT_AWAIT(rt_give, self->out, self->word);
    RT_END(0);
}

/* What a waiting task needs of its own. */
struct composed {
    struct rt_node node;
    RT_CHILD(receiving) branch;
    struct rt_branches branches;
    struct rt_timeout timeout;
    struct rt_then then;
    struct rt_chan_stream stream;
    struct rt_generator generator;
    RT_CHILD(giving) body;
    struct rt_event set;
    int64_t word;
};

#define FAR_NS (UINT64_C(1) << 60)

static inline int64_t as_it_is(int64_t value)
{
    return value;
}

/* The function, as the one branch of a node, by the first poll of an await. */
static inline struct rt_node *armed(struct rt_wait *wait, struct composed *own,
                                    struct rt_chan *chan)
{
    if (rt_wait_is_idle(wait))
        RT_ARM(&own->node, &own->branch, receiving, {.chan = chan, .word = &own->word});
    return &own->node;
}

static inline struct rt_stream *stream_of(struct rt_wait *wait, struct composed *own,
                                          struct rt_chan *chan)
{
    if (rt_wait_is_idle(wait))
        rt_stream_of_chan(&own->stream, chan);
    return &own->stream.stream;
}

static inline struct rt_event *set_event(struct composed *own)
{
    own->set.set = true;
    return &own->set;
}

/* A collection of one: made by the first poll, freed at the end or with a drop. */
static inline rt_poll own_collection_poll(struct rt_wait *wait, struct rt_cx *cx,
                                          struct composed *own, struct rt_chan *chan)
{
    if (rt_wait_is_idle(wait)) {
        assert_int_equal(RT_BRANCHES_NEW(&own->branches, 1, receiving), 0);
        RT_ARM_AT(&own->branches, 0, receiving, {.chan = chan, .word = &own->word});
    }
    rt_poll result = rt_node_join_poll(wait, cx, own->branches.node);
    if (result != RT_PENDING)
        rt_branches_free(&own->branches);
    return result;
}

static inline void own_collection_drop(struct rt_wait *wait, struct composed *own,
                                       struct rt_chan *chan)
{
    (void)wait, (void)chan;
    rt_branches_free(&own->branches);
}

/* The first value of a generator, likewise. */
static inline rt_poll own_generator_poll(struct rt_wait *wait, struct rt_cx *cx,
                                         struct composed *own, struct rt_chan *chan)
{
    if (rt_wait_is_idle(wait))
        RT_GENERATE(&own->generator, &own->body, giving, {.out = &own->generator, .chan = chan});
    rt_poll result = rt_stream_next_poll(wait, cx, &own->generator.stream, &own->word);
    if (result != RT_PENDING)
        rt_generator_stop(&own->generator);
    return result;
}

static inline void own_generator_drop(struct rt_wait *wait, struct composed *own,
                                      struct rt_chan *chan)
{
    (void)chan;
    rt_stream_next_drop(wait, &own->generator.stream, &own->word);
    rt_generator_stop(&own->generator);
}

/* ROW(name, operation, arguments...): `wait`, `own` and `chan` are there. */
#define COMPOSED_LEAVES(ROW)                                                        \
    ROW(node_join, rt_node_join, armed(wait, own, chan))                            \
    ROW(node_try_join, rt_node_try_join, armed(wait, own, chan))                    \
    ROW(node_select, rt_node_select, armed(wait, own, chan))                        \
    ROW(timeout, rt_timeout, &own->timeout, FAR_NS, rt_chan_recv, chan, &own->word) \
    ROW(timeout_of_select, rt_timeout, &own->timeout, FAR_NS, rt_node_select,       \
        armed(&own->timeout.wait, own, chan))                                       \
    ROW(map, rt_map, as_it_is, rt_chan_recv, chan, &own->word)                      \
    ROW(map_err, rt_map_err, as_it_is, rt_chan_recv, chan, &own->word)              \
    ROW(and_then, rt_and_then, &own->then, (rt_chan_recv, chan, &own->word),        \
        (rt_event_wait, set_event(own)))                                            \
    ROW(stream, rt_stream_next, stream_of(wait, own, chan), &own->word)             \
    ROW(collection, own_collection, own, chan)                                      \
    ROW(generator, own_generator, own, chan)

#define COMPOSED_FUNCTIONS(name, operation, ...)                                      \
    static rt_poll composed_##name##_poll(struct rt_wait *wait, struct rt_cx *cx,     \
                                          struct composed *own, struct rt_chan *chan) \
    {                                                                                 \
        (void)chan;                                                                   \
        return operation##_poll(wait, cx, __VA_ARGS__);                               \
    }                                                                                 \
    static void composed_##name##_drop(struct rt_wait *wait, struct composed *own,    \
                                       struct rt_chan *chan)                          \
    {                                                                                 \
        (void)chan;                                                                   \
        operation##_drop(wait, __VA_ARGS__);                                          \
    }
COMPOSED_LEAVES(COMPOSED_FUNCTIONS)

#endif
