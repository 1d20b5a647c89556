/* SPDX-License-Identifier: MIT
 *
 * Groups: none outlives its scope, the limit holds, the first error is kept, and a group that is
 * aborted leaves nobody behind.
 */
#include "test_main.h"

#include "threads.h"

struct member {
    struct tb_chan *never;
    int64_t *alive, *most;
    int64_t result;
};

static int64_t come(struct member *self)
{
    int64_t alive = __atomic_add_fetch(self->alive, 1, __ATOMIC_ACQ_REL), most = peek(self->most);
    while (alive > most && !__atomic_compare_exchange_n(self->most, &most, alive, false,
                                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
    }
    return alive;
}

static int64_t pass_by(void *frame)
{
    struct member *self = frame;
    come(self);
    tb_yield();
    __atomic_sub_fetch(self->alive, 1, __ATOMIC_ACQ_REL);
    return self->result;
}

static int64_t stay(void *frame)
{
    struct member *self = frame;
    int64_t message, err;
    come(self);
    err = tb_chan_recv(self->never, &message);
    __atomic_sub_fetch(self->alive, 1, __ATOMIC_ACQ_REL);
    return err;
}

static void test_the_limit_holds(void **state)
{
    enum { LIMIT = 3, MEMBERS = 200 };
    int64_t alive = 0, most = 0;
    struct member member = {NULL, &alive, &most, 0};
    struct tb_group group;
    (void)state;
    tb_group_init(&group, &spawner, LIMIT);
    for (int i = 0; i < MEMBERS; i++) {
        assert_int_equal(tb_group_room(&group), 0);
        assert_int_equal(tb_group_spawn(&group, pass_by, &member, sizeof member), 0);
    }
    assert_int_equal(tb_group_wait(&group), 0);
    assert_int_equal(alive, 0);
    assert_in_range(most, 1, LIMIT);
    tb_group_destroy(&group);
}

static void test_a_full_group_refuses(void **state)
{
    int64_t alive = 0, most = 0;
    struct member member = {tb_chan_new(1), &alive, &most, 0};
    struct tb_group group;
    (void)state;
    tb_group_init(&group, &spawner, 2);
    assert_int_equal(tb_group_spawn(&group, stay, &member, sizeof member), 0);
    assert_int_equal(tb_group_spawn(&group, stay, &member, sizeof member), 0);
    assert_int_equal(tb_group_spawn(&group, stay, &member, sizeof member), -EAGAIN);
    tb_chan_send(member.never, 1);
    assert_int_equal(tb_group_room(&group), 0);
    assert_int_equal(tb_group_spawn(&group, stay, &member, sizeof member), 0);
    tb_group_abort(&group);
    tb_group_destroy(&group);
    tb_chan_free(member.never);
}

static void test_the_first_error_is_kept(void **state)
{
    int64_t alive = 0, most = 0;
    static const int64_t results[] = {0, 7, -EIO, 0, -EPIPE};
    struct tb_group group;
    (void)state;
    tb_group_init(&group, &spawner, 1);
    for (size_t i = 0; i < TC_COUNT_OF(results); i++) {
        struct member member = {NULL, &alive, &most, results[i]};
        assert_int_equal(tb_group_room(&group), 0); /* one after the other */
        assert_int_equal(tb_group_spawn(&group, pass_by, &member, sizeof member), 0);
    }
    assert_int_equal(tb_group_wait(&group), -EIO);
    assert_int_equal(tb_group_wait(&group), -EIO);
    tb_group_destroy(&group);
}

static void test_aborting_leaves_nobody(void **state)
{
    enum { MEMBERS = 40 };
    (void)state;
    for (int turns = 0; turns < 10; turns++) {
        int64_t alive = 0, most = 0;
        struct member member = {tb_chan_new(1), &alive, &most, 0};
        struct tb_group group;
        tb_group_init(&group, &spawner, 0);
        for (int i = 0; i < MEMBERS; i++)
            assert_int_equal(tb_group_spawn(&group, stay, &member, sizeof member), 0);
        for (int turn = 0; turn < turns; turn++)
            tb_yield();
        struct tb_scope outer = tb_scope_enter(0, NULL); /* which can't hurry it */
        tb_group_abort(&group);
        tb_scope_leave(outer);
        assert_int_equal(alive, 0);
        assert_int_equal(tb_group_wait(&group), -ECANCELED);
        assert_int_equal(tb_group_spawn(&group, stay, &member, sizeof member), -ECANCELED);
        tb_group_abort(&group); /* again: nobody is left */
        tb_group_destroy(&group);
        tb_chan_free(member.never);
    }
}

/* The machine refuses a thread: the group is as it was. */
static void test_a_refused_member_is_not_counted(void **state)
{
    struct tb_config huge = {.stack_bytes = (size_t)1 << 50};
    int64_t alive = 0, most = 0;
    struct member member = {NULL, &alive, &most, 0};
    struct tb_spawner refused;
    struct tb_group group;
    (void)state;
    assert_int_equal(tb_spawner_init(&refused, &huge), 0);
    tb_group_init(&group, &refused, 1);
    for (int i = 0; i < 100; i++)
        assert_int_equal(tb_group_spawn(&group, pass_by, &member, sizeof member), -EAGAIN);
    assert_int_equal(tb_group_wait(&group), 0);
    group.spawner = &spawner;
    assert_int_equal(tb_group_spawn(&group, pass_by, &member, sizeof member), 0);
    assert_int_equal(tb_group_wait(&group), 0);
    tb_group_destroy(&group);
    tb_spawner_destroy(&refused);
}

static const struct CMUnitTest tests[] = {
    BOTH(test_the_limit_holds),
    BOTH(test_a_full_group_refuses),
    BOTH(test_the_first_error_is_kept),
    BOTH(test_aborting_leaves_nobody),
    BOTH(test_a_refused_member_is_not_counted),
};
TEST_MAIN(tests)
