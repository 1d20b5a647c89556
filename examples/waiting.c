/* SPDX-License-Identifier: MIT
 *
 * Waiting for several things at once, in one task and without an allocation: both of two functions
 * (join), the first of two (select), one but not for ever (timeout), and what comes one after the
 * other (streams). runtime/include/rt/branch.h tells how it works.
 */
#include "rt/rt.h"

#include <inttypes.h>
#include <stdio.h>

#define MS TC_NS_PER_MS

/* An async function, and an operation made one. */
struct fetch {
    RT_FRAME;
    uint64_t takes_ns;
    int64_t answer;
    struct rt_timer timer;
};

static rt_poll fetch(void *frame, struct rt_cx *cx)
{
    struct fetch *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_sleep, &self->timer, self->takes_ns);
    RT_END(self->answer);
}

RT_FUTURE(receive, rt_chan_recv, (struct rt_chan *, chan), (int64_t *, word));

/* Values that come one after the other. */
struct squares {
    RT_FRAME;
    struct rt_generator *out;
    int64_t i, count;
};

static rt_poll squares(void *frame, struct rt_cx *cx)
{
    struct squares *self = frame;
    RT_BEGIN(self, cx);
    for (self->i = 1; self->i <= self->count; self->i++)
        RT_AWAIT(rt_give, self->out, self->i * self->i);
    RT_END(0);
}

/* Each await uses the node again: it is empty when the await ends. */
struct program {
    RT_FRAME;
    struct rt_chan *chan;
    int64_t result, word;
    uint64_t deadline_ns;
    struct rt_timeout timeout;
    struct rt_generator numbers;
    RT_CHILD(squares) body;
    struct rt_node node;
    RT_CHILD(fetch) user, orders;
    RT_CHILD(receive) message;
};

static rt_poll program(void *frame, struct rt_cx *cx)
{
    struct program *self = frame;
    RT_BEGIN(self, cx);

    /* Both: as long as the longer. */
    RT_ARM(&self->node, &self->user, fetch, {.takes_ns = 20 * MS, .answer = 7});
    RT_ARM(&self->node, &self->orders, fetch, {.takes_ns = 10 * MS, .answer = 3});
    RT_AWAIT(rt_node_join, &self->node);
    printf("join: user %" PRId64 ", orders %" PRId64 "\n", self->user.result, self->orders.result);

    /* Both, unless one fails: then the other is dropped at once, however long it had to go. */
    RT_ARM(&self->node, &self->user, fetch, {.takes_ns = 3600 * TC_NS_PER_S});
    RT_ARM(&self->node, &self->orders, fetch, {.takes_ns = 10 * MS, .answer = -EIO});
    RT_AWAIT_INTO(self->result, rt_node_try_join, &self->node);
    printf("try_join: %s, the user was %s\n", tc_errno_name((int)self->result),
           self->user.result == -ECANCELED ? "dropped" : "fetched");

    /* The first: the message, which was sent long ago. */
    RT_AWAIT(rt_chan_send, self->chan, 42);
    RT_ARM(&self->node, &self->user, fetch, {.takes_ns = 3600 * TC_NS_PER_S});
    RT_ARM(&self->node, &self->message, receive, {.chan = self->chan, .word = &self->word});
    RT_AWAIT(rt_node_select, &self->node);
    if (RT_WON(&self->node, &self->message))
        printf("select: the message %" PRId64 "\n", self->word);

    /* One, but not for ever: an operation, and a function. */
    self->deadline_ns = rt_now_ns(cx->executor) + 10 * MS;
    RT_AWAIT_INTO(self->result, rt_timeout, &self->timeout, self->deadline_ns, rt_chan_recv,
                  self->chan, &self->word);
    printf("timeout of an operation: %s\n", tc_errno_name((int)self->result));
    RT_ARM(&self->node, &self->user, fetch, {.takes_ns = 3600 * TC_NS_PER_S});
    self->deadline_ns = rt_now_ns(cx->executor) + 10 * MS;
    RT_AWAIT_INTO(self->result, rt_timeout, &self->timeout, self->deadline_ns, rt_node_select,
                  &self->node);
    printf("timeout of a function: %s\n", tc_errno_name((int)self->result));

    /* One after the other, until the end. */
    RT_GENERATE(&self->numbers, &self->body, squares, {.out = &self->numbers, .count = 4});
    printf("squares:");
    for (;;) {
        RT_AWAIT_INTO(self->result, rt_stream_next, &self->numbers.stream, &self->word);
        if (self->result <= 0)
            break;
        printf(" %" PRId64, self->word);
    }
    printf("\n");
    RT_END_FINALLY(0, { rt_generator_stop(&self->numbers); });
}

int main(void)
{
    struct rt_handle handle;
    struct rt_executor *executor = rt_executor_new(NULL);
    struct rt_chan *chan = rt_chan_new(1);
    if (!executor || !chan || RT_SPAWN(executor, program, &handle, {.chan = chan}) < 0) {
        fprintf(stderr, "waiting: not enough memory for one task; free some and try again\n");
        return 2;
    }
    int64_t result = rt_block_on(executor, handle);
    rt_executor_free(executor);
    rt_chan_free(chan);
    return result < 0;
}
