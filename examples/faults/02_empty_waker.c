/* SPDX-License-Identifier: MIT
 *
 * Fault 2: a waker that does nothing. The operation starts what it waits for with a call-back that
 * was left empty, and says "pending": nobody will ever poll it again.
 *
 * exit: 1
 * says: rt: lost task: #1 request (spawned in main at 02_empty_waker.c:
 * says: is pending in reply in request at 02_empty_waker.c:
 * says: nothing has promised to wake it
 * says: Resource deadlock avoided
 */
#include "rt/rt.h"

#include <stdio.h>
#include <string.h>

static void wake_nobody(void)
{
}

static void (*when_it_comes)(void);

static rt_poll reply_poll(struct rt_wait *wait, struct rt_cx *cx)
{
    (void)wait, (void)cx;
    when_it_comes = wake_nobody; /* instead of keeping rt_waker_of(cx) for the call-back to fire */
    return RT_PENDING;
}

static void reply_drop(struct rt_wait *wait)
{
    (void)wait;
    when_it_comes = NULL;
}

struct request {
    RT_FRAME;
};

static rt_poll request(void *frame, struct rt_cx *cx)
{
    struct request *self = frame;
    RT_BEGIN(self, cx);
    RT_AWAIT(reply);
    RT_END(0);
}

int main(void)
{
    struct rt_handle handle;
    struct rt_executor *executor = rt_executor_new(NULL);
    if (!executor || RT_SPAWN(executor, request, &handle, {0}) < 0)
        return 2;
    int64_t result = rt_block_on(executor, handle);
    printf("the request ended with: %s\n", strerror((int)-result));
    rt_executor_free(executor);
    return result < 0;
}
