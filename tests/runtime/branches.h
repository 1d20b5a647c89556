/* SPDX-License-Identifier: MIT
 *
 * Children for nodes: an async function that receives some messages and tells how often it was
 * polled, dropped and cleaned up after.
 */
#ifndef BRANCHES_H
#define BRANCHES_H

#include "counting.h"

/* What a child has been through. Outlives it. */
struct tally {
    int polls, drops, ends; /* `ends` counts every way out, drops too */
    int received;           /* messages */
    int order;              /* the how manieth of all children it was to be polled last */
};

static int polls_of_all;

struct child {
    RT_FRAME;
    struct tally *tally;
    struct rt_chan *in;
    int messages;   /* that it waits for */
    int64_t result; /* what it returns; 0: the last message */
    int64_t word;
};

static inline rt_poll child(void *frame, struct rt_cx *cx)
{
    struct child *self = frame;
    self->tally->polls += cx != NULL;
    self->tally->drops += cx == NULL;
    if (cx)
        self->tally->order = ++polls_of_all;
    RT_BEGIN(self, cx);
    for (; self->messages > 0; self->messages--) {
        RT_TRY(rt_chan_recv, self->in, &self->word);
        self->tally->received++;
    }
    RT_END_FINALLY(self->result ? self->result : self->word, { self->tally->ends++; });
}

static inline struct rt_chan *new_chan(uint32_t capacity)
{
    struct rt_chan *chan = rt_chan_new(capacity);
    assert_non_null(chan);
    return chan;
}

/* Sends from outside of any task into a channel that has room. */
static inline void send_word(struct rt_executor *executor, struct rt_chan *chan, int64_t word)
{
    struct rt_cx cx = {.executor = executor, .budget = 2};
    struct rt_wait wait;
    rt_wait_init(&wait);
    assert_int_equal(rt_chan_send_poll(&wait, &cx, chan, word), 0);
}

/* How many messages lie in a channel. */
static inline uint32_t messages_in(const struct rt_chan *chan)
{
    return chan->tail - chan->head;
}

/* Runs the statement in a process of its own: whether it aborted, having said so. */
#define ABORTS_SAYING(words, statement)                                           \
    ({                                                                            \
        char said[512] = "";                                                      \
        int ends[2], status;                                                      \
        assert_int_equal(pipe(ends), 0);                                          \
        pid_t process = fork();                                                   \
        if (process == 0) {                                                       \
            signal(SIGABRT, SIG_DFL);                                             \
            dup2(ends[1], STDERR_FILENO);                                         \
            statement;                                                            \
            _exit(0);                                                             \
        }                                                                         \
        close(ends[1]);                                                           \
        assert_true(read(ends[0], said, sizeof said - 1) >= 0);                   \
        close(ends[0]);                                                           \
        assert_int_equal(waitpid(process, &status, 0), process);                  \
        WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&strstr(said, words); \
    })

#define assert_tally(tally, polls_expected, drops_expected, ends_expected) \
    (assert_int_equal((tally).polls, polls_expected),                      \
     assert_int_equal((tally).drops, drops_expected),                      \
     assert_int_equal((tally).ends, ends_expected))

#endif
