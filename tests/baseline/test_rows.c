/* SPDX-License-Identifier: MIT
 *
 * Semaphores and notifications: the order in which waiting threads are served, what nobody waits
 * for, and that nothing is lost or made up when many threads come, wait, give up and go at once.
 */
#include "test_main.h"

#include "threads.h"

/* -- the order of a row -- */

struct claim {
    struct tb_semaphore *semaphore;
    uint32_t count;
    int64_t *served, place; /* how many were served before it */
};

static int64_t claim(void *frame)
{
    struct claim *self = frame;
    int64_t err = tb_semaphore_acquire(self->semaphore, self->count);
    self->place = __atomic_fetch_add(self->served, 1, __ATOMIC_ACQ_REL);
    return err;
}

static size_t row_length(pthread_mutex_t *mutex, const struct list *row)
{
    size_t length = 0;
    pthread_mutex_lock(mutex);
    for (const struct list *link = row->next; link != row; link = link->next)
        length++;
    pthread_mutex_unlock(mutex);
    return length;
}

static void wait_for_row(struct tb_semaphore *semaphore, size_t length)
{
    while (row_length(&semaphore->mutex, &semaphore->waiters) != length)
        tb_yield();
}

/* Each waits before the next comes; permits that would do for a later one do not reach it. */
static void test_first_come_first_served(void **state)
{
    static const uint32_t counts[] = {3, 1, 2, 1};
    struct claim claims[TC_COUNT_OF(counts)];
    struct tb_handle handles[TC_COUNT_OF(counts)];
    struct tb_semaphore semaphore;
    int64_t served = 0;
    (void)state;
    tb_semaphore_init(&semaphore, 2);
    for (size_t i = 0; i < TC_COUNT_OF(counts); i++) {
        claims[i] = (struct claim){&semaphore, counts[i], &served, -1};
        handles[i] = start(claim, &claims[i]);
        wait_for_row(&semaphore, i + 1);
    }
    assert_false(tb_semaphore_try_acquire(&semaphore, 1)); /* though there are two */
    let_others_run();
    assert_int_equal(peek(&served), 0);
    for (size_t i = 0; i < TC_COUNT_OF(counts); i++) {
        tb_semaphore_release(&semaphore, i == 0 ? 1 : counts[i]);
        assert_int_equal(tb_join(handles[i]), 0);
        assert_int_equal(claims[i].place, i);
        let_others_run();
        assert_int_equal(peek(&served), i + 1);
    }
    assert_int_equal(semaphore.permits, 0);
    tb_semaphore_destroy(&semaphore);
}

/* A large claim at the front gives up: the small one behind it needs no further release. */
static void test_who_gives_up_lets_the_next_pass(void **state)
{
    struct tb_semaphore semaphore;
    int64_t served = 0;
    (void)state;
    for (int round = 0; round < 20; round++) {
        tb_semaphore_init(&semaphore, 1);
        struct claim large = {&semaphore, 5, &served, -1}, small = {&semaphore, 1, &served, -1};
        struct tb_handle first = start_abortable(claim, &large);
        wait_for_row(&semaphore, 1);
        struct tb_handle second = start(claim, &small);
        wait_for_row(&semaphore, 2);
        tb_abort(first);
        assert_int_equal(tb_join(first), -ECANCELED);
        assert_int_equal(tb_join(second), 0);
        assert_int_equal(semaphore.permits, 0);
        tb_semaphore_destroy(&semaphore);
    }
}

/* -- notifications -- */

struct listener {
    struct tb_notify *notify;
    int64_t *woken;
};

static int64_t listen_once(void *frame)
{
    struct listener *self = frame;
    int64_t err = tb_notify_wait(self->notify);
    bump(self->woken);
    return err;
}

static void test_one_notification_is_kept_and_no_more(void **state)
{
    struct tb_notify notify;
    (void)state;
    tb_notify_init(&notify);
    for (int i = 0; i < 3; i++)
        tb_notify_one(&notify);
    assert_int_equal(tb_notify_wait(&notify), 0);
    struct tb_scope outer = tb_scope_enter(0, NULL);
    assert_int_equal(tb_notify_wait(&notify), -ETIMEDOUT);
    tb_scope_leave(outer);
    tb_notify_all(&notify); /* to nobody */
    outer = tb_scope_enter(0, NULL);
    assert_int_equal(tb_notify_wait(&notify), -ETIMEDOUT);
    tb_scope_leave(outer);
    tb_notify_destroy(&notify);
}

static void test_one_wakes_one_and_all_wakes_all(void **state)
{
    enum { LISTENERS = 6 };
    struct tb_handle handles[LISTENERS];
    struct tb_notify notify;
    int64_t woken = 0;
    struct listener listener = {&notify, &woken};
    (void)state;
    tb_notify_init(&notify);
    for (size_t i = 0; i < LISTENERS; i++) {
        handles[i] = start(listen_once, &listener);
        while (row_length(&notify.mutex, &notify.waiters) != i + 1)
            tb_yield();
    }
    tb_notify_one(&notify);
    assert_int_equal(tb_join(handles[0]), 0); /* the longest waiting */
    let_others_run();
    assert_int_equal(peek(&woken), 1);
    tb_notify_all(&notify);
    for (size_t i = 1; i < LISTENERS; i++)
        assert_int_equal(tb_join(handles[i]), 0);
    assert_false(notify.kept);
    tb_notify_destroy(&notify);
}

/* -- many at once -- */

enum { THREADS = 6, ROUNDS = 2000 };

struct crowd {
    struct tb_semaphore *semaphore;
    int64_t *inside, most;
    int64_t given_up;
    uint32_t seed;
};

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

/* Takes some permits, with little patience every other time, and gives them back. */
static int64_t come_and_go(void *frame)
{
    struct crowd *self = frame;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t count = 1 + draw(&self->seed) % 3;
        struct tb_scope outer = tb_scope;
        if (draw(&self->seed) % 2)
            outer = tb_scope_enter(tc_now_ns() + draw(&self->seed) % 20000, NULL);
        int64_t err = tb_semaphore_acquire(self->semaphore, count);
        tb_scope_leave(outer);
        self->given_up += err != 0;
        if (err)
            continue;
        int64_t inside = __atomic_add_fetch(self->inside, count, __ATOMIC_ACQ_REL);
        self->most = inside > self->most ? inside : self->most;
        if (draw(&self->seed) % 4 == 0)
            tb_yield();
        __atomic_sub_fetch(self->inside, count, __ATOMIC_ACQ_REL);
        tb_semaphore_release(self->semaphore, count);
    }
    return 0;
}

static void test_permits_are_conserved(void **state)
{
    enum { PERMITS = 4 };
    struct crowd crowd[THREADS];
    struct tb_handle handles[THREADS];
    struct tb_semaphore semaphore;
    int64_t inside = 0;
    (void)state;
    tb_semaphore_init(&semaphore, PERMITS);
    for (int i = 0; i < THREADS; i++) {
        crowd[i] = (struct crowd){&semaphore, &inside, 0, 0, (uint32_t)i};
        handles[i] = start(come_and_go, &crowd[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(tb_join(handles[i]), 0);
        assert_in_range(crowd[i].most, 1, PERMITS);
    }
    assert_int_equal(semaphore.permits, PERMITS);
    assert_int_equal(row_length(&semaphore.mutex, &semaphore.waiters), 0);
    tb_semaphore_destroy(&semaphore);
}

/* Two threads notify each other in turn; one that is lost hangs both. A third takes part with
 * little patience: a notification that it was chosen for must reach the pair all the same. */
struct pair {
    struct tb_notify *mine, *other;
    bool first;
};

static int64_t answer(void *frame)
{
    struct pair *self = frame;
    for (int i = 0; i < 20000; i++) {
        if (!self->first)
            tb_notify_wait(self->mine);
        tb_notify_one(self->other);
        if (self->first)
            tb_notify_wait(self->mine);
    }
    return 0;
}

struct meddler {
    struct tb_notify *notify;
    int64_t stop;
};

static int64_t meddle(void *frame)
{
    struct meddler *self = frame;
    while (!peek(&self->stop)) {
        struct tb_scope outer = tb_scope_enter(tc_now_ns() + 1000, NULL);
        int64_t err = tb_notify_wait(self->notify);
        tb_scope_leave(outer);
        if (!err)
            tb_notify_one(self->notify); /* it was for another */
    }
    return 0;
}

static void test_no_notification_is_lost(void **state)
{
    struct tb_notify there, back;
    (void)state;
    tb_notify_init(&there);
    tb_notify_init(&back);
    struct pair one = {&there, &back, true}, other = {&back, &there, false};
    struct meddler meddler = {&there, 0};
    struct tb_handle handles[] = {start(answer, &one), start(answer, &other),
                                  start(meddle, &meddler)};
    assert_int_equal(tb_join(handles[0]), 0);
    assert_int_equal(tb_join(handles[1]), 0);
    __atomic_store_n(&meddler.stop, 1, __ATOMIC_RELEASE);
    assert_int_equal(tb_join(handles[2]), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_first_come_first_served),
    cmocka_unit_test(test_who_gives_up_lets_the_next_pass),
    cmocka_unit_test(test_one_notification_is_kept_and_no_more),
    cmocka_unit_test(test_one_wakes_one_and_all_wakes_all),
    cmocka_unit_test(test_permits_are_conserved),
    cmocka_unit_test(test_no_notification_is_lost),
};
TEST_MAIN(tests)
