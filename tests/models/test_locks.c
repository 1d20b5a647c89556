/* SPDX-License-Identifier: MIT
 *
 * What model.h promises of mutexes, rwlocks, semaphores, barriers and notifications, held against
 * every model: who may be inside at once, and that all who wait get their turn.
 */
#include "test_main.h"

#include "model_host.h"

#include "model.h"

enum { TASKS = 8, LAPS = 50 };

/* -- mutex -- */

struct counted {
    mutex_t mutex;
    int64_t count;
};

/* Reads before it lets the others run and writes after it: two inside would lose one. */
TASK(add_under_mutex, {
    struct counted *counted;
    int64_t left;
    int64_t seen;
})
{
    TASK_BEGIN;
    for (self->left = LAPS; self->left > 0; self->left--) {
        AWAIT(mutex_lock(&self->counted->mutex));
        self->seen = self->counted->count;
        AWAIT(task_yield());
        self->counted->count = self->seen + 1;
        mutex_unlock(&self->counted->mutex);
    }
    TASK_END;
}

TASK(mutex_root, {
    struct counted counted;
    handle_t handles[TASKS];
    int64_t i;
})
{
    TASK_BEGIN;
    mutex_init(&self->counted.mutex);
    for (int64_t i = 0; i < TASKS; i++)
        START(add_under_mutex, &self->handles[i], {.counted = &self->counted});
    for (; self->i < TASKS; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    EXPECT(self->counted.count, TASKS * LAPS);
    TASK_END;
}

static void test_one_task_is_inside_a_mutex(void **state)
{
    (void)state;
    RUN_TEST(mutex_root, {0});
}

/* -- rwlock -- */

struct written {
    rwlock_t lock;
    latch_t readers_inside;
    int64_t value; /* odd while a writer is at work */
};

TASK(write_twice, {
    struct written *written;
    int64_t left;
})
{
    TASK_BEGIN;
    for (self->left = LAPS; self->left > 0; self->left--) {
        AWAIT(rwlock_write(&self->written->lock));
        self->written->value++;
        AWAIT(task_yield());
        self->written->value++;
        rwlock_write_unlock(&self->written->lock);
    }
    TASK_END;
}

TASK(read_even, {
    struct written *written;
    int64_t left;
    int64_t seen;
})
{
    TASK_BEGIN;
    for (self->left = LAPS; self->left > 0; self->left--) {
        AWAIT(rwlock_read(&self->written->lock));
        self->seen = self->written->value;
        EXPECT(self->seen % 2, 0);
        AWAIT(task_yield());
        EXPECT(self->written->value, self->seen);
        rwlock_read_unlock(&self->written->lock);
    }
    TASK_END;
}

/* Leaves only when all the readers are inside. */
TASK(read_together, { struct written *written; })
{
    TASK_BEGIN;
    AWAIT(rwlock_read(&self->written->lock));
    latch_arrive(&self->written->readers_inside);
    AWAIT(latch_wait(&self->written->readers_inside));
    rwlock_read_unlock(&self->written->lock);
    TASK_END;
}

TASK(rwlock_root, {
    struct written written;
    handle_t handles[TASKS];
    int64_t i;
})
{
    TASK_BEGIN;
    rwlock_init(&self->written.lock);
    latch_init(&self->written.readers_inside, TASKS);
    for (int64_t i = 0; i < TASKS; i++)
        START(read_together, &self->handles[i], {.written = &self->written});
    for (; self->i < TASKS; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    for (int64_t i = 0; i < TASKS; i += 2) {
        START(write_twice, &self->handles[i], {.written = &self->written});
        START(read_even, &self->handles[i + 1], {.written = &self->written});
    }
    for (self->i = 0; self->i < TASKS; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    EXPECT(self->written.value, TASKS / 2 * LAPS * 2);
    TASK_END;
}

static void test_readers_share_and_a_writer_is_alone(void **state)
{
    (void)state;
    RUN_TEST(rwlock_root, {0});
}

/* -- semaphore -- */

enum { PERMITS = 5 };

struct limited {
    semaphore_t semaphore;
    int64_t inside; /* permits taken */
};

TASK(take_some, {
    struct limited *limited;
    uint32_t count;
    int64_t left;
    int64_t result;
})
{
    TASK_BEGIN;
    for (self->left = LAPS; self->left > 0; self->left--) {
        AWAIT_INTO(self->result, semaphore_acquire(&self->limited->semaphore, self->count));
        EXPECT(self->result, 0);
        int64_t inside = __atomic_add_fetch(&self->limited->inside, self->count, __ATOMIC_ACQ_REL);
        EXPECT_TRUE(inside <= PERMITS);
        AWAIT(task_yield());
        __atomic_sub_fetch(&self->limited->inside, self->count, __ATOMIC_ACQ_REL);
        semaphore_release(&self->limited->semaphore, self->count);
    }
    TASK_END;
}

TASK(semaphore_root, {
    struct limited limited;
    handle_t handles[TASKS];
    int64_t i;
})
{
    TASK_BEGIN;
    semaphore_init(&self->limited.semaphore, PERMITS);
    for (uint32_t i = 0; i < TASKS; i++) /* from one permit to all of them */
        START(take_some, &self->handles[i], {.limited = &self->limited, .count = 1 + i % PERMITS});
    for (; self->i < TASKS; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    AWAIT(semaphore_acquire(&self->limited.semaphore, PERMITS)); /* all have come back */
    TASK_END;
}

static void test_permits_are_all_there_is(void **state)
{
    (void)state;
    RUN_TEST(semaphore_root, {0});
}

/* -- barrier -- */

struct meeting {
    barrier_t barrier;
    int64_t arrivals, leaders;
};

TASK(meet, {
    struct meeting *meeting;
    int64_t lap;
    int64_t result;
})
{
    TASK_BEGIN;
    for (; self->lap < LAPS; self->lap++) {
        bump(&self->meeting->arrivals);
        AWAIT_INTO(self->result, barrier_wait(&self->meeting->barrier));
        EXPECT_TRUE(self->result == 0 || self->result == 1);
        EXPECT_TRUE(peek(&self->meeting->arrivals) >= (self->lap + 1) * TASKS);
        if (self->result == 1)
            bump(&self->meeting->leaders);
    }
    TASK_END;
}

TASK(barrier_root, {
    struct meeting meeting;
    handle_t handles[TASKS];
    int64_t i;
})
{
    TASK_BEGIN;
    barrier_init(&self->meeting.barrier, TASKS);
    for (int64_t i = 0; i < TASKS; i++)
        START(meet, &self->handles[i], {.meeting = &self->meeting});
    for (; self->i < TASKS; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    EXPECT(self->meeting.leaders, LAPS);
    TASK_END;
}

static void test_a_barrier_opens_for_all_and_one_leads(void **state)
{
    (void)state;
    RUN_TEST(barrier_root, {0});
}

/* -- notify -- */

TASK(be_notified, {
    notify_t *notify;
    int64_t *through;
})
{
    TASK_BEGIN;
    AWAIT(notify_wait(self->notify));
    bump(self->through);
    TASK_END;
}

TASK(notify_root, {
    notify_t notify;
    handle_t handles[TASKS];
    int64_t through;
    int64_t i;
})
{
    TASK_BEGIN;
    notify_init(&self->notify);
    notify_one(&self->notify); /* nobody waits: it is kept, once */
    notify_one(&self->notify);
    AWAIT(notify_wait(&self->notify));
    for (int64_t i = 0; i < TASKS; i++)
        START(be_notified, &self->handles[i], {.notify = &self->notify, .through = &self->through});
    for (; self->i < 100; self->i++) {
        AWAIT(task_yield());
        EXPECT(peek(&self->through), 0);
    }
    notify_one(&self->notify); /* one of them, now or when it comes */
    while (peek(&self->through) < 1)
        AWAIT(task_yield());
    while (peek(&self->through) < TASKS) { /* those who wait by now */
        notify_all(&self->notify);
        AWAIT(task_yield());
    }
    for (self->i = 0; self->i < TASKS; self->i++)
        AWAIT(task_join(self->handles[self->i]));
    TASK_END;
}

static void test_notifications_wake_one_or_all(void **state)
{
    (void)state;
    RUN_TEST(notify_root, {0});
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_one_task_is_inside_a_mutex),
    cmocka_unit_test(test_readers_share_and_a_writer_is_alone),
    cmocka_unit_test(test_permits_are_all_there_is),
    cmocka_unit_test(test_a_barrier_opens_for_all_and_one_leads),
    cmocka_unit_test(test_notifications_wake_one_or_all),
};
TEST_MAIN(tests)
