/* SPDX-License-Identifier: MIT
 *
 * Looking at an executor that can't look at itself: a signal that asks for a dump, and a thread
 * that tells of a poll that has not come back.
 *
 * The signal's handler only sets a flag and ends the loop's wait; the loop dumps between two polls.
 * The thread reads what the hooks publish at the beginning of every poll (a few words, each written
 * whole, checked by reading the time of its beginning again) and never a task itself, and disturbs
 * nothing: it asks the kernel, in /proc, whether the stuck thread computes or is in a system call.
 */
#include "inspect.h"

#include "reactor.h"

#include "base/clock.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* -- the signal -- */

static struct rt_executor *_Atomic dumped; /* whom the signal asks */
static _Atomic int dump_signal;

static void ask_for_dump(int signal)
{
    int saved = errno;
    struct rt_executor *executor = dumped;
    (void)signal;
    if (executor) {
        executor->inspect->dump_wanted = true;
        rt__reactor_notify(executor->reactor);
    }
    errno = saved;
}

int rt_dump_on_signal(struct rt_executor *executor, int signal)
{
    struct sigaction action = {.sa_handler = ask_for_dump, .sa_flags = SA_RESTART};
    dumped = executor;
    dump_signal = signal;
    return sigaction(signal, &action, NULL) < 0 ? -errno : 0;
}

static void stop_signal(struct rt_executor *executor)
{
    if (dumped != executor)
        return;
    signal(dump_signal, SIG_DFL);
    dumped = NULL;
}

/* -- the thread -- */

struct rt_watchdog {
    struct rt_executor *executor;
    FILE *out;
    pid_t watched; /* thread */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t stop_it;
    bool stop;
};

/* What the kernel says of the stuck thread: the start of /proc's "syscall" is "running" or the
 * number of the call that it is in. */
static void tell_doing(struct rt_watchdog *watchdog)
{
    char path[64], text[32] = "";
    int call;
    snprintf(path, sizeof path, "/proc/self/task/%d/syscall", (int)watchdog->watched);
    FILE *file = fopen(path, "re");
    if (file && fgets(text, sizeof text, file) && sscanf(text, "%d", &call) == 1)
        fprintf(watchdog->out, ", inside system call %d\n", call);
    else
        fputs(strncmp(text, "running", 7) == 0 ? ", computing\n" : "\n", watchdog->out);
    if (file)
        fclose(file);
}

/* Tells of the poll that began then, if it is still under way. */
static void tell_stuck(struct rt_watchdog *watchdog, uint64_t began_ns, uint64_t now_ns)
{
    struct rt_published *published = &watchdog->executor->inspect->published;
    const struct rt_site *spawned = atomic_load_explicit(&published->spawned, memory_order_acquire);
    const struct rt_site *from = atomic_load_explicit(&published->from, memory_order_acquire);
    uint64_t task = atomic_load_explicit(&published->task, memory_order_acquire);
    struct rt_text at;
    if (atomic_load_explicit(&published->began_ns, memory_order_relaxed) != began_ns)
        return;
    fprintf(watchdog->out, "rt: stuck: task #%llu %s has held the loop for %.1f ms, since %s",
            (unsigned long long)task, rt__name(spawned),
            (double)(now_ns - began_ns) / (double)TC_NS_PER_MS,
            from ? rt__site_text(&at, from) : "its start");
    tell_doing(watchdog);
    fflush(watchdog->out);
}

/* Whether it may go on, after a while. */
static bool rest(struct rt_watchdog *watchdog, uint64_t ns)
{
    struct timespec until = tc_timespec(tc_now_ns() + ns);
    pthread_mutex_lock(&watchdog->mutex);
    while (!watchdog->stop &&
           pthread_cond_timedwait(&watchdog->stop_it, &watchdog->mutex, &until) != ETIMEDOUT) {
    }
    bool go_on = !watchdog->stop;
    pthread_mutex_unlock(&watchdog->mutex);
    return go_on;
}

static void *watch(void *data)
{
    struct rt_watchdog *watchdog = data;
    struct rt_executor *executor = watchdog->executor;
    uint64_t stall_ns = executor->config.stall_ns, told_ns = 0;
    while (rest(watchdog, stall_ns / 2 + 1)) {
        uint64_t began_ns =
            atomic_load_explicit(&executor->inspect->published.began_ns, memory_order_acquire);
        uint64_t now_ns = tc_now_ns();
        if (began_ns == 0 || began_ns == told_ns || now_ns - began_ns <= stall_ns)
            continue;
        tell_stuck(watchdog, began_ns, now_ns);
        told_ns = began_ns;
    }
    return NULL;
}

/* A condition that counts time on the clock of everything else here. */
static void init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

int rt_watch_stalls(struct rt_executor *executor)
{
    struct rt_inspect *inspect = executor->inspect;
    if (inspect->watchdog || !inspect->out)
        return -EBUSY;
    struct rt_watchdog *watchdog = calloc(1, sizeof *watchdog);
    if (!watchdog)
        return -ENOMEM;
    watchdog->executor = executor;
    watchdog->out = inspect->out;
    watchdog->watched = gettid();
    pthread_mutex_init(&watchdog->mutex, NULL);
    init_condition(&watchdog->stop_it);
    int err = pthread_create(&watchdog->thread, NULL, watch, watchdog);
    if (err) {
        free(watchdog);
        return -err;
    }
    inspect->watchdog = watchdog;
    return 0;
}

static void stop_thread(struct rt_inspect *inspect)
{
    struct rt_watchdog *watchdog = inspect->watchdog;
    if (!watchdog)
        return;
    pthread_mutex_lock(&watchdog->mutex);
    watchdog->stop = true;
    pthread_cond_signal(&watchdog->stop_it);
    pthread_mutex_unlock(&watchdog->mutex);
    pthread_join(watchdog->thread, NULL);
    pthread_cond_destroy(&watchdog->stop_it);
    pthread_mutex_destroy(&watchdog->mutex);
    free(watchdog);
    inspect->watchdog = NULL;
}

void rt__watch_free(struct rt_executor *executor)
{
    stop_signal(executor);
    stop_thread(executor->inspect);
}
