/* SPDX-License-Identifier: MIT
 *
 * Posts from other threads. The only file of the runtime with atomic instructions; none of them is
 * on the way of a poll.
 */
#include "inbox.h"
#include "reactor.h"

#include <stdlib.h>

/* Not a post: the executor sleeps. */
static struct rt_post parked;

struct rt_inbox *rt__inbox_new(void)
{
    struct rt_inbox *inbox = aligned_alloc(_Alignof(struct rt_inbox), sizeof *inbox);
    if (inbox)
        *inbox = (struct rt_inbox){.head = NULL};
    return inbox;
}

void rt_post(struct rt_executor *executor, struct rt_post *post)
{
    struct rt_inbox *inbox = executor->inbox;
    struct rt_post *head = atomic_load_explicit(&inbox->head, memory_order_relaxed);
    /* Release: whoever takes the post sees what this thread wrote before. It heads the release
     * sequence that the posts behind it are part of, so one acquiring exchange sees all of them. */
    do {
        post->next = head == &parked ? NULL : head;
    } while (!atomic_compare_exchange_weak_explicit(&inbox->head, &head, post, memory_order_release,
                                                    memory_order_relaxed));
    if (head == &parked)
        rt__reactor_notify(executor->reactor);
}

bool rt__inbox_park(struct rt_inbox *inbox)
{
    struct rt_post *nothing = NULL;
    /* Release is not needed: nothing is handed to the poster but the duty to wake, and that goes
     * through the kernel. Nor is acquire: when it fails, rt__inbox_run() takes what is there. */
    return atomic_compare_exchange_strong_explicit(&inbox->head, &nothing, &parked,
                                                   memory_order_relaxed, memory_order_relaxed);
}

static struct rt_post *reversed(struct rt_post *newest)
{
    struct rt_post *oldest = NULL;
    while (newest) {
        struct rt_post *older = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = older;
    }
    return oldest;
}

void rt__inbox_run(struct rt_inbox *inbox, struct rt_executor *executor)
{
    /* Acquire: pairs with the release of every post in the chain. */
    struct rt_post *newest = atomic_exchange_explicit(&inbox->head, NULL, memory_order_acquire);
    if (newest == &parked)
        return;
    for (struct rt_post *post = reversed(newest), *next; post; post = next) {
        next = post->next;
        post->run(post, executor);
    }
}

void rt_inbox_open(struct rt_executor *executor)
{
    executor->inbox->opened++;
}

void rt_inbox_close(struct rt_executor *executor)
{
    MUST(executor->inbox->opened > 0);
    executor->inbox->opened--;
}
