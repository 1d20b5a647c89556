/* SPDX-License-Identifier: MIT
 *
 * Sleeping: never early, not at all for the past, and signals only cost a retry. How late it is
 * decides nothing.
 */
#include "test_main.h"

#include "tb/tb.h"

#include "base/clock.h"
#include "base/rng.h"

#include <sys/time.h>

static void test_it_is_never_early(void **state)
{
    struct tc_rng rng;
    (void)state;
    tc_rng_seed(&rng, 1);
    for (int i = 0; i < 200; i++) {
        uint64_t deadline_ns = tc_now_ns() + tc_rng_below(&rng, 2 * TC_NS_PER_MS);
        assert_int_equal(tb_sleep_until(deadline_ns), 0);
        assert_true(tc_now_ns() >= deadline_ns);
    }
}

/* A sleep would not end before the test's time limit. */
static void test_the_past_has_come(void **state)
{
    (void)state;
    assert_int_equal(tb_sleep_until(0), 0);
    assert_int_equal(tb_sleep_until(1), 0);
    assert_int_equal(tb_sleep_until(tc_now_ns() - 1), 0);
}

static volatile sig_atomic_t signals;

static void count_signal(int number)
{
    (void)number;
    signals++;
}

static void test_signals_do_not_end_it(void **state)
{
    struct sigaction action = {.sa_handler = count_signal};
    struct itimerval every = {{0, 1000}, {0, 1000}};
    uint64_t deadline_ns;
    (void)state;
    sigaction(SIGALRM, &action, NULL); /* gives up the time limit of this test */
    setitimer(ITIMER_REAL, &every, NULL);
    do {
        deadline_ns = tc_now_ns() + 20 * TC_NS_PER_MS;
        assert_int_equal(tb_sleep_until(deadline_ns), 0);
        assert_true(tc_now_ns() >= deadline_ns);
    } while (signals < 3);
    every = (struct itimerval){{0, 0}, {0, 0}};
    setitimer(ITIMER_REAL, &every, NULL);
}

static int64_t sleep_for_ever(void *frame)
{
    tb_sleep_until(TC_NEVER);
    __atomic_store_n(*(int **)frame, 1, __ATOMIC_RELEASE);
    return 0;
}

/* It still sleeps after another has slept beside it. */
static void test_never_does_not_come(void **state)
{
    struct tb_config config = {0};
    struct tb_spawner spawner;
    static int over;
    int *pointer = &over;
    (void)state;
    assert_int_equal(tb_spawner_init(&spawner, &config), 0);
    assert_int_equal(tb_spawn(&spawner, sleep_for_ever, &pointer, sizeof pointer, NULL), 0);
    tb_sleep_until(tc_now_ns() + 5 * TC_NS_PER_MS);
    assert_int_equal(__atomic_load_n(&over, __ATOMIC_ACQUIRE), 0);
    tb_spawner_destroy(&spawner);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_it_is_never_early),
    cmocka_unit_test(test_the_past_has_come),
    cmocka_unit_test(test_signals_do_not_end_it),
    cmocka_unit_test(test_never_does_not_come),
};
TEST_MAIN(tests)
