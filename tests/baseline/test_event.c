/* SPDX-License-Identifier: MIT
 *
 * Events and latches between threads: nobody is left waiting, nobody passes early, and what was
 * written before is seen after (plain variables throughout, so that TSan says if it is not).
 */
#include "test_main.h"

#include "both.h"

#include "tb/tb.h"

#include "base/status.h"

#include <stdbool.h>
#include <sys/syscall.h>

static struct tb_spawner spawner;

/* Before any test's process forks off, so that each has it. */
__attribute__((constructor)) static void make_spawner(void)
{
    struct tb_config config = {.stack_bytes = 256 * 1024};
    MUST(tb_spawner_init(&spawner, &config) == 0);
}

static struct tb_handle start(tb_body_fn *body, const void *frame, size_t size)
{
    struct tb_handle handle;
    MUST(tb_spawn(&spawner, body, frame, size, &handle) == 0);
    return handle;
}

/* -- events -- */

struct waiter {
    struct tb_event *event;
    const int64_t *written;
    pid_t *tid; /* NULL, or where the thread writes its number just before it waits */
};

static int64_t wait_and_read(void *frame)
{
    struct waiter *self = frame;
    if (self->tid)
        __atomic_store_n(self->tid, (pid_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
    int64_t result = tb_event_wait(self->event);
    return result < 0 ? result : *self->written;
}

static void test_setting_releases_all(void **state)
{
    enum { WAITERS = 32 };
    struct tb_event event;
    struct tb_handle handles[WAITERS];
    int64_t written = 0;
    (void)state;
    tb_event_init(&event);
    for (int i = 0; i < WAITERS; i++)
        handles[i] =
            start(wait_and_read, &(struct waiter){&event, &written, NULL}, sizeof(struct waiter));
    written = 5;
    tb_event_set(&event);
    for (int i = 0; i < WAITERS; i++)
        assert_int_equal(tb_join(handles[i]), 5);
    assert_int_equal(tb_event_wait(&event), 0); /* it stays set */
    tb_event_destroy(&event);
}

static void test_after_a_reset_one_waits_again(void **state)
{
    struct tb_event event;
    int64_t written = 1;
    (void)state;
    tb_event_init(&event);
    tb_event_set(&event);
    tb_event_reset(&event);
    for (int round = 2; round < 200; round++) {
        struct tb_handle handle =
            start(wait_and_read, &(struct waiter){&event, &written, NULL}, sizeof(struct waiter));
        if (round % 2)
            tb_yield();
        written = round;
        tb_event_set(&event);
        assert_int_equal(tb_join(handle), round); /* not released by an earlier set */
        tb_event_reset(&event);
    }
    tb_event_destroy(&event);
}

/* Waits until the kernel says that the thread sleeps. */
static void until_asleep(const pid_t *tid)
{
    char path[64], line[256], status = '?';
    while (__atomic_load_n(tid, __ATOMIC_ACQUIRE) == 0)
        tb_yield();
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)*tid);
    while (status != 'S') {
        FILE *file = fopen(path, "re");
        MUST(file && fgets(line, sizeof line, file));
        fclose(file);
        status = strrchr(line, ')')[2];
        tb_yield();
    }
}

/* Reset at once: those who waited are through all the same. */
static void test_who_waited_is_released_although_it_is_reset(void **state)
{
    struct tb_event event;
    int64_t written = 7;
    (void)state;
    tb_event_init(&event);
    for (int round = 0; round < 20; round++) {
        pid_t tid = 0;
        struct tb_handle handle =
            start(wait_and_read, &(struct waiter){&event, &written, &tid}, sizeof(struct waiter));
        until_asleep(&tid);
        tb_event_set(&event);
        tb_event_reset(&event);
        assert_int_equal(tb_join(handle), 7);
    }
    tb_event_destroy(&event);
}

/* A waiter may destroy the event as soon as it is through. */
static int64_t set_it(void *frame)
{
    tb_event_set(*(struct tb_event **)frame);
    return 0;
}

static void test_a_waiter_may_destroy_it(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        struct tb_event *event = malloc(sizeof *event);
        tb_event_init(event);
        struct tb_handle handle = start(set_it, &event, sizeof event);
        tb_event_wait(event);
        tb_event_destroy(event);
        free(event);
        tb_join(handle);
    }
}

/* -- the one-waiter event -- */

struct pair {
    struct tb_event_one *ping, *pong;
    int64_t *turn; /* plain: only one of the two may be at it */
    int rounds;
};

static int64_t answer(void *frame)
{
    struct pair *self = frame;
    for (int i = 0; i < self->rounds; i++) {
        tb_event_one_wait(self->ping);
        if (*self->turn != 2 * i + 1)
            return -1;
        ++*self->turn;
        tb_event_one_set(self->pong);
    }
    return 0;
}

static void test_one_by_one_in_turns(void **state)
{
    enum { ROUNDS = 2000 };
    struct tb_event_one ping, pong;
    int64_t turn = 0;
    (void)state;
    tb_event_one_init(&ping);
    tb_event_one_init(&pong);
    struct tb_handle handle =
        start(answer, &(struct pair){&ping, &pong, &turn, ROUNDS}, sizeof(struct pair));
    for (int i = 0; i < ROUNDS; i++) {
        assert_int_equal(turn, 2 * i);
        turn++;
        tb_event_one_set(&ping);
        assert_int_equal(tb_event_one_wait(&pong), 0);
    }
    assert_int_equal(tb_join(handle), 0);
    tb_event_one_destroy(&ping);
    tb_event_one_destroy(&pong);
}

/* The third wait must be ended by the set after it and not by the second of two before. */
struct taker {
    struct tb_event_one *event;
    const int64_t *sets;
};

static int64_t take_twice(void *frame)
{
    struct taker *self = frame;
    tb_event_one_wait(self->event);
    tb_event_one_wait(self->event);
    return *self->sets;
}

static bool is_set(struct tb_event_one *event)
{
    pthread_mutex_lock(&event->event.mutex);
    bool set = event->event.set;
    pthread_mutex_unlock(&event->event.mutex);
    return set;
}

static void test_setting_twice_is_setting_once(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++) {
        struct tb_event_one event;
        int64_t sets = 2;
        tb_event_one_init(&event);
        tb_event_one_set(&event);
        tb_event_one_set(&event);
        struct tb_handle handle =
            start(take_twice, &(struct taker){&event, &sets}, sizeof(struct taker));
        for (int i = 0; i < round; i++)
            tb_yield();
        sets = 3;
        tb_event_one_set(&event);
        /* If the thread had not yet taken the first, the last two are one: it needs another. */
        while (is_set(&event))
            tb_yield();
        tb_event_one_set(&event);
        assert_int_equal(tb_join(handle), 3);
        tb_event_one_destroy(&event);
    }
}

/* -- latches -- */

struct arrival {
    struct tb_latch *latch;
    int64_t *cell;
};

static int64_t write_and_arrive(void *frame)
{
    struct arrival *self = frame;
    *self->cell += 1;
    tb_latch_arrive(self->latch);
    return 0;
}

static void arrive_and_check(struct tb_latch *latch, int64_t *cells, int count, int64_t expected)
{
    struct tb_handle handles[64];
    for (int i = 0; i < count; i++)
        handles[i] =
            start(write_and_arrive, &(struct arrival){latch, &cells[i]}, sizeof(struct arrival));
    assert_int_equal(tb_latch_wait(latch), 0);
    for (int i = 0; i < count; i++)
        assert_int_equal(cells[i], expected); /* every arrival's writing is seen */
    assert_int_equal(tb_latch_wait(latch), 0);
    for (int i = 0; i < count; i++)
        tb_join(handles[i]);
}

static void test_a_latch_opens_when_all_have_arrived(void **state)
{
    enum { TASKS = 64, ROUNDS = 20 };
    static int64_t cells[TASKS];
    struct tb_latch latch;
    (void)state;
    tb_latch_init(&latch, TASKS);
    for (int round = 1; round <= ROUNDS; round++) {
        arrive_and_check(&latch, cells, TASKS, round);
        tb_latch_reset(&latch, TASKS);
    }
    tb_latch_destroy(&latch);
}

static void test_a_latch_for_nobody_is_open(void **state)
{
    struct tb_latch latch;
    int64_t cell = 0;
    (void)state;
    tb_latch_init(&latch, 0);
    assert_int_equal(tb_latch_wait(&latch), 0);
    tb_latch_reset(&latch, 1);
    arrive_and_check(&latch, &cell, 1, 1);
    tb_latch_reset(&latch, 0);
    assert_int_equal(tb_latch_wait(&latch), 0);
    tb_latch_destroy(&latch);
}

struct latch_waiter {
    struct tb_latch *latch;
    const int64_t *cell;
};

static int64_t wait_for_latch(void *frame)
{
    struct latch_waiter *self = frame;
    tb_latch_wait(self->latch);
    return *self->cell;
}

static void test_many_may_wait_for_a_latch(void **state)
{
    enum { WAITERS = 16 };
    struct tb_handle handles[WAITERS];
    struct tb_latch latch;
    int64_t cell = 0;
    (void)state;
    tb_latch_init(&latch, 2);
    for (int i = 0; i < WAITERS; i++)
        handles[i] = start(wait_for_latch, &(struct latch_waiter){&latch, &cell},
                           sizeof(struct latch_waiter));
    tb_latch_arrive(&latch);
    tb_yield();
    cell = 9;
    tb_latch_arrive(&latch);
    for (int i = 0; i < WAITERS; i++)
        assert_int_equal(tb_join(handles[i]), 9);
    tb_latch_destroy(&latch);
}

static void test_more_arrivals_than_expected_are_a_bug(void **state)
{
    int status;
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct tb_latch latch;
        tb_latch_init(&latch, 1);
        tb_latch_arrive(&latch);
        tb_latch_arrive(&latch);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static const struct CMUnitTest tests[] = {
    BOTH(test_setting_releases_all),
    BOTH(test_after_a_reset_one_waits_again),
    BOTH(test_who_waited_is_released_although_it_is_reset),
    BOTH(test_a_waiter_may_destroy_it),
    BOTH(test_one_by_one_in_turns),
    BOTH(test_setting_twice_is_setting_once),
    BOTH(test_a_latch_opens_when_all_have_arrived),
    BOTH(test_a_latch_for_nobody_is_open),
    BOTH(test_many_may_wait_for_a_latch),
    BOTH(test_more_arrivals_than_expected_are_a_bug),
};
TEST_MAIN(tests)
