/* SPDX-License-Identifier: MIT
 *
 * Fault 1: an executor that polls each task once and throws away what is pending. The lectures' toy
 * executor does that, so whatever has to wait never ends. rt_run_ready() is such a loop where it is
 * the only one: it polls what is ready and does not wait. rt_block_on() does.
 *
 * exit: 0
 * says: rt: unfinished: task #1 delayed (spawned in main at 01_polled_once.c:
 * says: is dropped with its executor, waiting for rt_sleep in delayed at 01_polled_once.c:
 */
#include "rt/rt.h"

#include <stdio.h>

struct delayed {
    RT_FRAME;
    struct rt_timer timer;
};

static rt_poll delayed(void *frame, struct rt_cx *cx)
{
    struct delayed *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(rt_sleep, &self->timer, TC_NS_PER_MS);
    puts("a millisecond later");
    RT_END(0);
}

int main(void)
{
    struct rt_executor *executor = rt_executor_new(NULL);
    if (!executor || RT_SPAWN(executor, delayed, NULL, {0}) < 0)
        return 2;
    rt_run_ready(executor);
    rt_executor_free(executor);
    return 0;
}
