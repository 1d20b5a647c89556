/* SPDX-License-Identifier: MIT
 *
 * Waiting within a scope. The request is one word: a thread that is about to sleep gives the kernel
 * its value beside that of what it waits for, and the kernel does not let it sleep when either has
 * changed. So there is no list of waiting threads, and no window between looking and sleeping.
 */
#include "tb/scope.h"

#include "base/futex.h"
#include "base/status.h"

#include <poll.h>
#include <sys/eventfd.h>

_Thread_local struct tb_scope tb_scope = {.deadline_ns = TC_NEVER};

void tb_cancel_init(struct tb_cancel *cancel)
{
    *cancel = (struct tb_cancel){.wake_fd = -1};
}

void tb_cancel_destroy(struct tb_cancel *cancel)
{
    if (cancel->wake_fd >= 0)
        close(cancel->wake_fd);
}

/* Sequentially consistent, as is the thread's in wake_fd(): either it sees the request after it has
 * published its descriptor, or we see the descriptor after the request. */
bool tb_cancel_request(struct tb_cancel *cancel)
{
    if (__atomic_exchange_n(&cancel->requested, 1, __ATOMIC_SEQ_CST))
        return false;
    int fd = __atomic_load_n(&cancel->wake_fd, __ATOMIC_SEQ_CST);
    if (fd >= 0)
        MUST(eventfd_write(fd, 1) == 0);
    tc_futex_wake(&cancel->requested, INT_MAX);
    return true;
}

/* Acquire: what was done before the request is seen by who unwinds because of it. */
static bool is_requested(const struct tb_cancel *cancel)
{
    return __atomic_load_n(&cancel->requested, __ATOMIC_ACQUIRE) != 0;
}

bool tb_cancel_requested(void)
{
    return tb_scope.cancel && is_requested(tb_scope.cancel);
}

struct tb_scope tb_scope_enter(uint64_t deadline_ns, struct tb_cancel *cancel)
{
    struct tb_scope outer = tb_scope;
    if (deadline_ns < outer.deadline_ns)
        tb_scope.deadline_ns = deadline_ns;
    if (cancel)
        tb_scope.cancel = cancel;
    return outer;
}

void tb_scope_leave(struct tb_scope outer)
{
    tb_scope = outer;
}

/* -- futexes -- */

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449 /* on every architecture */
#endif

/* struct futex_waitv, which kernel headers before 5.16 lack. */
struct waitv {
    uint64_t expected, word;
    uint32_t flags, reserved;
};
enum { WAITV_32_BIT_PRIVATE = 2 | FUTEX_PRIVATE_FLAG };

/* Sleeps on the token and all words. Where the kernel can't, for a millisecond on the first. */
static int wait_for_any(const uint32_t *token, const struct tb_word *words, unsigned count,
                        uint64_t deadline_ns)
{
    struct timespec deadline = tc_timespec(deadline_ns);
    struct waitv all[1 + TB_WORDS_MAX] = {{0, (uintptr_t)token, WAITV_32_BIT_PRIVATE, 0}};
    for (unsigned i = 0; i < count; i++)
        all[1 + i] =
            (struct waitv){words[i].expected, (uintptr_t)words[i].word, WAITV_32_BIT_PRIVATE, 0};
    long result = syscall(SYS_futex_waitv, all, 1 + count, 0,
                          deadline_ns == TC_NEVER ? NULL : &deadline, CLOCK_MONOTONIC);
    if (result >= 0 || errno != ENOSYS)
        return result < 0 ? -errno : 0;
    uint64_t slice_ns = tc_now_ns() + TC_NS_PER_MS;
    bool is_last = deadline_ns <= slice_ns;
    struct tb_word first = count > 0 ? words[0] : (struct tb_word){token, 0};
    int err = tc_futex_wait(first.word, first.expected, is_last ? deadline_ns : slice_ns);
    return is_last ? err : 0;
}

int tb_park_any(const struct tb_word *words, unsigned count)
{
    static const uint32_t never; /* the token of a thread that has none */
    const uint32_t *token = tb_scope.cancel ? &tb_scope.cancel->requested : &never;
    MUST(count <= TB_WORDS_MAX);
    if (__atomic_load_n(token, __ATOMIC_ACQUIRE))
        return -ECANCELED;
    int err = wait_for_any(token, words, count, tb_scope.deadline_ns);
    if (__atomic_load_n(token, __ATOMIC_ACQUIRE))
        return -ECANCELED;
    return err == -ETIMEDOUT ? -ETIMEDOUT : 0;
}

int tb_park(const uint32_t *word, uint32_t expected)
{
    if (tb_scope.cancel)
        return tb_park_any(&(struct tb_word){word, expected}, 1);
    int err = tc_futex_wait(word, expected, tb_scope.deadline_ns);
    return err == -ETIMEDOUT ? err : 0;
}

/* -- descriptors -- */

/* The token's eventfd, made by the first who needs it; a negative errno value. */
static int wake_fd(struct tb_cancel *cancel)
{
    int fd = __atomic_load_n(&cancel->wake_fd, __ATOMIC_SEQ_CST);
    if (fd >= 0)
        return fd;
    int made = eventfd(0, EFD_CLOEXEC);
    if (made < 0)
        return -errno;
    if (__atomic_compare_exchange_n(&cancel->wake_fd, &fd, made, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST))
        return made;
    close(made);
    return fd;
}

/* For poll(2)'s cousin with a resolution: the time left, or NULL for ever. */
static struct timespec *time_left(uint64_t deadline_ns, struct timespec *left)
{
    uint64_t now_ns = tc_now_ns();
    if (deadline_ns == TC_NEVER)
        return NULL;
    *left = tc_timespec(deadline_ns > now_ns ? deadline_ns - now_ns : 0);
    return left;
}

int tb_wait_fd(int fd, short events)
{
    struct tb_cancel *cancel = tb_scope.cancel;
    struct pollfd both[2] = {{.fd = fd, .events = events}, {.fd = -1, .events = POLLIN}};
    struct timespec left;
    if (cancel && (both[1].fd = wake_fd(cancel)) < 0)
        return both[1].fd;
    for (;;) {
        /* After the descriptor is published, see tb_cancel_request(). */
        bool stop = cancel && __atomic_load_n(&cancel->requested, __ATOMIC_SEQ_CST);
        struct timespec none = {0};
        int ready = ppoll(both, 2, stop ? &none : time_left(tb_scope.deadline_ns, &left), NULL);
        if (ready < 0 && errno != EINTR)
            return -errno;
        if (ready > 0 && both[0].revents)
            return 0;
        if (stop)
            return -ECANCELED;
        if (ready == 0)
            return -ETIMEDOUT;
    }
}
