/* SPDX-License-Identifier: MIT
 *
 * What may end a thread's waiting early: a request to cancel, a deadline.
 *
 * Where a task is dropped at its await, a thread must be asked: somebody requests, the call in
 * which it waits returns -ECANCELED, and so does every later one that would have to wait; the code
 * in between unwinds as it does for any failure. A deadline does the same with -ETIMEDOUT. Both are
 * the thread's own state, a scope, and not an argument of every call; a call that finds what it
 * came for takes it, whatever the scope says, so that nothing that was on its way is lost.
 *
 * Without a scope a wait is what it would be without this file. With a token a thread sleeps on two
 * words at once (futex_waitv(2), Linux 5.16; before that it looks at the token every millisecond).
 * Heeded by channels, semaphores, notifications, events, joins, sleeping and descriptors; not by
 * mutexes, rwlocks and barriers, which are pthread's and whose waits are meant to be short.
 */
#ifndef TB_SCOPE_H
#define TB_SCOPE_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

/* A request to stop, for one thread or many. */
struct tb_cancel {
    uint32_t requested; /* atomic; what waiting threads sleep on, beside what they wait for */
    int wake_fd;        /* eventfd that becomes readable with it, or -1; made when first needed */
};

struct tb_scope {
    uint64_t deadline_ns;     /* TC_NEVER for none */
    struct tb_cancel *cancel; /* NULL for none */
};

/* Of the calling thread. */
extern _Thread_local struct tb_scope tb_scope;

void tb_cancel_init(struct tb_cancel *cancel);
/* Nobody may use it any more. */
void tb_cancel_destroy(struct tb_cancel *cancel);
/* Asks; for good. False when it was asked before. Thread-safe, O(threads that wait under it). */
bool tb_cancel_request(struct tb_cancel *cancel);
/* Whether the calling thread was asked to stop. */
bool tb_cancel_requested(void);

/* Enters a scope in which the calling thread heeds `cancel` (NULL: what it heeded before) and waits
 * no longer than to `deadline_ns` nor than it did before. Returns the scope left, to be given to
 * tb_scope_leave(). */
struct tb_scope tb_scope_enter(uint64_t deadline_ns, struct tb_cancel *cancel);
void tb_scope_leave(struct tb_scope outer);

/* A word to sleep on, and what it is while there is nothing to wake up for. */
struct tb_word {
    const uint32_t *word;
    uint32_t expected;
};

enum { TB_WORDS_MAX = 64 };

/* Sleeps while every word (0 to TB_WORDS_MAX of them) is as expected, within the scope: 0 when
 * woken or for no reason, -ETIMEDOUT, -ECANCELED. After a failure the caller looks once more for
 * what it waits for, lest it leave with a wake that was another's. */
int tb_park_any(const struct tb_word *words, unsigned count);

/* The same with one word. */
int tb_park(const uint32_t *word, uint32_t expected);

/* Waits until `fd` has one of `events` (poll(2)), within the scope: 0, -ETIMEDOUT, -ECANCELED or
 * another negative errno value. */
int tb_wait_fd(int fd, short events);

/* Whether waits need to heed anything. */
static inline bool tb_scope_is_open(void)
{
    return !tb_scope.cancel && tb_scope.deadline_ns == TC_NEVER;
}

#endif
