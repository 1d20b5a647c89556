/* SPDX-License-Identifier: MIT
 *
 * Threads: spawn, join, detach; what the frame carries; the stack that was asked for, seen from
 * inside the thread; and what happens when the limits do not allow it.
 */
#include "test_main.h"

#include "tb/tb.h"

#include "base/status.h"

#include <limits.h>

static struct tb_spawner spawner;

static int use_stack(size_t bytes)
{
    struct tb_config config = {.stack_bytes = bytes};
    return tb_spawner_init(&spawner, &config);
}

/* -- what goes in and out -- */

struct square {
    int64_t value;
};

static int64_t square(void *frame)
{
    struct square *self = frame;
    return self->value * self->value;
}

static void test_join_returns_the_result(void **state)
{
    enum { TASKS = 200 };
    struct tb_handle handles[TASKS];
    (void)state;
    assert_int_equal(use_stack(0), 0);
    for (int i = 0; i < TASKS; i++) {
        struct square frame = {i};
        assert_int_equal(tb_spawn(&spawner, square, &frame, sizeof frame, &handles[i]), 0);
        frame.value = -1; /* the thread has a copy */
    }
    for (int i = TASKS; i-- > 0;)
        assert_int_equal(tb_join(handles[i]), (int64_t)i * i);
    tb_spawner_destroy(&spawner);
}

static int64_t give_back(void *frame)
{
    return *(int64_t *)frame;
}

static void test_every_result_comes_back_whole(void **state)
{
    static const int64_t values[] = {0, 1, -1, -EAGAIN, INT64_MAX, INT64_MIN};
    (void)state;
    assert_int_equal(use_stack(65536), 0);
    for (size_t i = 0; i < TC_COUNT_OF(values); i++) {
        struct tb_handle handle;
        assert_int_equal(tb_spawn(&spawner, give_back, &values[i], sizeof values[i], &handle), 0);
        assert_true(tb_join(handle) == values[i]);
    }
    tb_spawner_destroy(&spawner);
}

/* A frame may hold what wants 16-byte alignment. */
struct aligned_frame {
    long double number;
    unsigned char bytes[4096];
};

static int64_t look_at_frame(void *frame)
{
    struct aligned_frame *self = frame;
    int64_t sum = (int64_t)self->number;
    for (size_t i = 0; i < sizeof self->bytes; i++)
        sum += self->bytes[i];
    return (uintptr_t)frame % _Alignof(long double) == 0 ? sum : -1;
}

static void test_a_large_frame_arrives_whole(void **state)
{
    struct aligned_frame frame = {.number = 5};
    struct tb_handle handle;
    (void)state;
    memset(frame.bytes, 3, sizeof frame.bytes);
    assert_int_equal(use_stack(0), 0);
    assert_int_equal(tb_spawn(&spawner, look_at_frame, &frame, sizeof frame, &handle), 0);
    assert_int_equal(tb_join(handle), 5 + 3 * 4096);
    tb_spawner_destroy(&spawner);
}

/* -- detached -- */

static int64_t arrive(void *frame)
{
    tb_latch_arrive(*(struct tb_latch **)frame);
    return 0;
}

static void test_detached_threads_run(void **state)
{
    enum { TASKS = 100 };
    static struct tb_latch latch; /* outlives the last thread's last step */
    struct tb_latch *pointer = &latch;
    (void)state;
    assert_int_equal(use_stack(65536), 0);
    tb_latch_init(&latch, TASKS);
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(tb_spawn(&spawner, arrive, &pointer, sizeof pointer, NULL), 0);
    assert_int_equal(tb_latch_wait(&latch), 0);
    tb_spawner_destroy(&spawner);
}

static int64_t report_detached(void *frame)
{
    struct tb_chan *answer = *(struct tb_chan **)frame;
    pthread_attr_t attributes;
    int detached = -1;
    MUST(pthread_getattr_np(pthread_self(), &attributes) == 0);
    MUST(pthread_attr_getdetachstate(&attributes, &detached) == 0);
    pthread_attr_destroy(&attributes);
    tb_chan_send(answer, detached == PTHREAD_CREATE_DETACHED);
    return 0;
}

static void test_without_a_handle_it_is_detached(void **state)
{
    struct tb_chan *answer = tb_chan_new(1);
    struct tb_handle handle;
    int64_t detached;
    (void)state;
    assert_int_equal(use_stack(0), 0);
    tb_spawn(&spawner, report_detached, &answer, sizeof answer, &handle);
    tb_chan_recv(answer, &detached);
    assert_int_equal(detached, 0);
    tb_join(handle);
    tb_spawn(&spawner, report_detached, &answer, sizeof answer, NULL);
    tb_chan_recv(answer, &detached);
    assert_int_equal(detached, 1);
    tb_spawner_destroy(&spawner);
    /* The channel stays: the thread may still be on its way out of it. */
}

/* -- stacks -- */

static int64_t own_stack(void *frame)
{
    pthread_attr_t attributes;
    size_t bytes = 0;
    (void)frame;
    MUST(pthread_getattr_np(pthread_self(), &attributes) == 0);
    MUST(pthread_attr_getstacksize(&attributes, &bytes) == 0);
    pthread_attr_destroy(&attributes);
    return (int64_t)bytes;
}

static int64_t stack_of_thread(size_t asked)
{
    struct tb_handle handle;
    char nothing = 0;
    assert_int_equal(use_stack(asked), 0);
    assert_int_equal(tb_spawn(&spawner, own_stack, &nothing, sizeof nothing, &handle), 0);
    int64_t bytes = tb_join(handle);
    tb_spawner_destroy(&spawner);
    return bytes;
}

static void test_the_stack_is_what_was_asked_for(void **state)
{
    (void)state;
    assert_int_equal(stack_of_thread(1024 * 1024), 1024 * 1024);
#ifdef TC_SANITIZED
    assert_true(stack_of_thread(64 * 1024) >= 64 * 1024); /* TSan raises what it finds too small */
#else
    assert_int_equal(stack_of_thread(64 * 1024), 64 * 1024);
#endif
    assert_int_equal(stack_of_thread(3 * 1024 * 1024), 3 * 1024 * 1024);
}

/* glibc reads RLIMIT_STACK when the program starts, so the test asks glibc for what it has read. */
static void test_nothing_asked_gives_the_systems_default(void **state)
{
    pthread_attr_t attributes;
    size_t usual;
    (void)state;
    pthread_getattr_default_np(&attributes);
    pthread_attr_getstacksize(&attributes, &usual);
    pthread_attr_destroy(&attributes);
    assert_int_equal(stack_of_thread(0), usual);
}

static void test_too_small_a_stack_is_refused(void **state)
{
    (void)state;
    assert_int_equal(use_stack(1), -EINVAL);
    assert_int_equal(use_stack((size_t)PTHREAD_STACK_MIN - 1), -EINVAL);
    assert_int_equal(use_stack((size_t)PTHREAD_STACK_MIN), 0);
    tb_spawner_destroy(&spawner);
}

/* -- what does not fit -- */

static void test_a_stack_that_does_not_fit_is_reported(void **state)
{
    struct tb_handle handle;
    struct square frame = {3};
    (void)state;
    assert_int_equal(use_stack((size_t)1 << 50), 0); /* more than an address space */
    for (int i = 0; i < 100; i++)
        assert_int_equal(tb_spawn(&spawner, square, &frame, sizeof frame, &handle), -EAGAIN);
    assert_int_equal(tb_spawn(&spawner, square, &frame, sizeof frame, NULL), -EAGAIN);
    tb_spawner_destroy(&spawner);
    assert_int_equal(use_stack(0), 0);
    assert_int_equal(tb_spawn(&spawner, square, &frame, sizeof frame, &handle), 0);
    assert_int_equal(tb_join(handle), 9);
    tb_spawner_destroy(&spawner);
}

static int64_t note_turn(void *frame)
{
    int *turns = *(int **)frame;
    __atomic_fetch_add(turns, 1, __ATOMIC_RELAXED);
    return 0;
}

static void test_yield_lets_others_run(void **state)
{
    int turns = 0, *pointer = &turns;
    struct tb_handle handle;
    (void)state;
    assert_int_equal(use_stack(0), 0);
    assert_int_equal(tb_spawn(&spawner, note_turn, &pointer, sizeof pointer, &handle), 0);
    while (__atomic_load_n(&turns, __ATOMIC_RELAXED) == 0)
        assert_int_equal(tb_yield(), 0);
    tb_join(handle);
    tb_spawner_destroy(&spawner);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_join_returns_the_result),
    cmocka_unit_test(test_every_result_comes_back_whole),
    cmocka_unit_test(test_a_large_frame_arrives_whole),
    cmocka_unit_test(test_detached_threads_run),
    cmocka_unit_test(test_without_a_handle_it_is_detached),
    cmocka_unit_test(test_the_stack_is_what_was_asked_for),
    cmocka_unit_test(test_nothing_asked_gives_the_systems_default),
    cmocka_unit_test(test_too_small_a_stack_is_refused),
    cmocka_unit_test(test_a_stack_that_does_not_fit_is_reported),
    cmocka_unit_test(test_yield_lets_others_run),
};
TEST_MAIN(tests)
