/* SPDX-License-Identifier: MIT
 *
 * Reader-writer locks as rt/rwlock.h documents them: readers together, writers alone, in the order
 * of coming, so that under a stream of either the other makes progress.
 */
#include "test_main.h"

#include "dies.h"
#include "stage.h"

static rt_poll begin_read(struct stage *stage, int who, struct rt_rwlock *lock)
{
    return POLL(stage, who, rt_rwlock_read, lock);
}

static rt_poll begin_write(struct stage *stage, int who, struct rt_rwlock *lock)
{
    return POLL(stage, who, rt_rwlock_write, lock);
}

static void test_readers_share_writers_do_not(void **state)
{
    struct stage stage;
    struct rt_rwlock lock;
    (void)state;
    begin(&stage);
    rt_rwlock_init(&lock);
    assert_int_equal(begin_read(&stage, 0, &lock), 0);
    assert_int_equal(begin_read(&stage, 1, &lock), 0);
    assert_true(rt_rwlock_try_read(&lock));
    assert_false(rt_rwlock_try_write(&lock));
    rt_rwlock_read_unlock(&lock);
    rt_rwlock_read_unlock(&lock);
    rt_rwlock_read_unlock(&lock);
    assert_int_equal(begin_write(&stage, 0, &lock), 0);
    assert_false(rt_rwlock_try_read(&lock));
    assert_false(rt_rwlock_try_write(&lock));
    assert_int_equal(begin_write(&stage, 1, &lock), RT_PENDING);
    rt_rwlock_write_unlock(&lock);
    assert_woken(&stage, 2);
    assert_false(rt_rwlock_try_read(&lock)); /* the woken writer has it already */
    assert_int_equal(begin_write(&stage, 1, &lock), 0);
    rt_rwlock_write_unlock(&lock);
    end(&stage);
}

static void test_a_waiting_writer_holds_up_new_readers(void **state)
{
    struct stage stage;
    struct rt_rwlock lock;
    (void)state;
    begin(&stage);
    rt_rwlock_init(&lock);
    assert_int_equal(begin_read(&stage, 0, &lock), 0);
    assert_int_equal(begin_write(&stage, 1, &lock), RT_PENDING);
    assert_int_equal(begin_read(&stage, 2, &lock), RT_PENDING);
    assert_int_equal(begin_read(&stage, 3, &lock), RT_PENDING);
    assert_false(rt_rwlock_try_read(&lock));
    rt_rwlock_read_unlock(&lock);
    assert_woken(&stage, 2);
    assert_int_equal(begin_write(&stage, 1, &lock), 0);
    assert_int_equal(begin_write(&stage, 0, &lock), RT_PENDING);
    rt_rwlock_write_unlock(&lock);
    assert_woken(&stage, 12); /* the readers that stood together, not the writer behind them */
    assert_int_equal(begin_read(&stage, 2, &lock), 0);
    assert_int_equal(begin_read(&stage, 3, &lock), 0);
    rt_rwlock_read_unlock(&lock);
    assert_woken(&stage, 0);
    rt_rwlock_read_unlock(&lock);
    assert_woken(&stage, 1);
    assert_int_equal(begin_write(&stage, 0, &lock), 0);
    rt_rwlock_write_unlock(&lock);
    end(&stage);
}

static void test_a_writer_that_gives_up_lets_readers_in(void **state)
{
    struct stage stage;
    struct rt_rwlock lock;
    (void)state;
    for (int granted = 0; granted <= 1; granted++) {
        begin(&stage);
        rt_rwlock_init(&lock);
        assert_int_equal(begin_read(&stage, 0, &lock), 0);
        assert_int_equal(begin_write(&stage, 1, &lock), RT_PENDING);
        assert_int_equal(begin_read(&stage, 2, &lock), RT_PENDING);
        assert_int_equal(begin_read(&stage, 3, &lock), RT_PENDING);
        if (granted)
            rt_rwlock_read_unlock(&lock);
        DROP(&stage, 1, rt_rwlock_write, &lock);
        assert_woken(&stage, granted ? 14 : 12);
        DROP(&stage, 2, rt_rwlock_read, &lock); /* granted: its share goes back */
        assert_int_equal(begin_read(&stage, 3, &lock), 0);
        rt_rwlock_read_unlock(&lock);
        if (!granted)
            rt_rwlock_read_unlock(&lock);
        assert_true(rt_rwlock_try_write(&lock));
        end(&stage);
    }
}

/* -- tasks -- */

enum { READERS = 7, WRITES = 200 };

struct shared {
    struct rt_rwlock lock;
    int64_t first, second; /* equal whenever nobody writes */
    int reading, reads;
    bool stop;
};

struct reader {
    RT_FRAME;
    struct shared *shared;
};

struct writer {
    RT_FRAME;
    struct shared *shared;
    int i;
};

/* Readers overlap for ever: at no time is the lock free of them by itself. */
static rt_poll reader(void *frame, struct rt_cx *cx)
{
    struct reader *self = frame;
    RT_BEGIN(self, cx);
    while (!self->shared->stop) {
        RT_AWAIT(rt_rwlock_read, &self->shared->lock);
        self->shared->reading++;
        RT_AWAIT(rt_yield);
        assert_int_equal(self->shared->first, self->shared->second);
        self->shared->reads++;
        self->shared->reading--;
        rt_rwlock_read_unlock(&self->shared->lock);
    }
    RT_END(0);
}

static rt_poll writer(void *frame, struct rt_cx *cx)
{
    struct writer *self = frame;
    RT_BEGIN(self, cx);
    for (; self->i < WRITES; self->i++) {
        RT_AWAIT(rt_rwlock_write, &self->shared->lock);
        assert_int_equal(self->shared->reading, 0);
        self->shared->first++;
        RT_AWAIT(rt_yield);
        self->shared->second++;
        rt_rwlock_write_unlock(&self->shared->lock);
    }
    self->shared->stop = true;
    RT_END(self->shared->second);
}

static void test_neither_starves_the_other(void **state)
{
    struct rt_executor *executor = new_executor();
    struct shared shared = {.first = 0};
    struct rt_handle readers[READERS];
    (void)state;
    rt_rwlock_init(&shared.lock);
    for (int i = 0; i < READERS; i++)
        readers[i] = SPAWNED(executor, reader, {.shared = &shared});
    run_one_lap(executor);
    assert_int_equal(shared.reading, READERS);
    assert_int_equal(rt_block_on(executor, SPAWNED(executor, writer, {.shared = &shared})), WRITES);
    assert_true(shared.reads >= WRITES); /* they had their turn between the writes */
    assert_true(shared.reads <= (WRITES + 2) * READERS);
    for (int i = 0; i < READERS; i++)
        assert_int_equal(rt_block_on(executor, readers[i]), 0);
    assert_true(rt_rwlock_try_write(&shared.lock));
    rt_executor_free(executor);
}

/* -- broken promises -- */

static void unlock_a_free_lock_as_a_reader(void)
{
    struct rt_rwlock lock;
    rt_rwlock_init(&lock);
    rt_rwlock_read_unlock(&lock);
}

static void unlock_a_free_lock_as_a_writer(void)
{
    struct rt_rwlock lock;
    rt_rwlock_init(&lock);
    rt_rwlock_write_unlock(&lock);
}

static void unlock_the_writers_lock_as_a_reader(void)
{
    struct rt_rwlock lock;
    rt_rwlock_init(&lock);
    rt_rwlock_try_write(&lock);
    rt_rwlock_read_unlock(&lock);
}

static void unlock_the_readers_lock_as_a_writer(void)
{
    struct rt_rwlock lock;
    rt_rwlock_init(&lock);
    rt_rwlock_try_read(&lock);
    rt_rwlock_write_unlock(&lock);
}

static void test_broken_promises_are_named(void **state)
{
    (void)state;
    dies(unlock_a_free_lock_as_a_reader);
    dies(unlock_a_free_lock_as_a_writer);
    dies(unlock_the_writers_lock_as_a_reader);
    dies(unlock_the_readers_lock_as_a_writer);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_readers_share_writers_do_not),
    cmocka_unit_test(test_a_waiting_writer_holds_up_new_readers),
    cmocka_unit_test(test_a_writer_that_gives_up_lets_readers_in),
    cmocka_unit_test(test_neither_starves_the_other),
    cmocka_unit_test(test_broken_promises_are_named),
};
TEST_MAIN(tests)
