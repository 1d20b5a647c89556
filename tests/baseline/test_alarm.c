/* SPDX-License-Identifier: MIT
 *
 * Alarms of the baseline: whether the kernel's timer runs, has expired, or was stopped.
 */
#include "test_main.h"

#include "tb/alarm.h"

#include "base/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/timerfd.h>

static bool runs(const struct tb_alarm *alarm)
{
    struct itimerspec left;
    assert_int_equal(timerfd_gettime(alarm->fd, &left), 0);
    return left.it_value.tv_sec != 0 || left.it_value.tv_nsec != 0;
}

static bool expires(const struct tb_alarm *alarm, int within_ms)
{
    struct pollfd fd = {.fd = alarm->fd, .events = POLLIN};
    return poll(&fd, 1, within_ms) == 1;
}

static void test_started_expired_and_stopped(void **state)
{
    struct tb_alarm alarm;
    (void)state;
    assert_int_equal(tb_alarm_open(&alarm), 0);
    assert_false(runs(&alarm));
    tb_alarm_start(&alarm, tc_now_ns() + 3600 * TC_NS_PER_S);
    assert_true(runs(&alarm));
    assert_false(expires(&alarm, 0));
    tb_alarm_start(&alarm, tc_now_ns() + TC_NS_PER_MS); /* again, and earlier */
    assert_true(expires(&alarm, -1));
    assert_false(runs(&alarm));
    tb_alarm_start(&alarm, 1); /* long past */
    assert_true(expires(&alarm, -1));
    tb_alarm_stop(&alarm);
    assert_false(runs(&alarm) || expires(&alarm, 0));
    tb_alarm_close(&alarm);
}

static void test_no_descriptor_left(void **state)
{
    struct rlimit before, none;
    struct tb_alarm alarm;
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 0;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    int code = tb_alarm_open(&alarm);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(code, -EMFILE);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_started_expired_and_stopped),
    cmocka_unit_test(test_no_descriptor_left),
};
TEST_MAIN(tests)
