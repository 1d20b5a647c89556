/* SPDX-License-Identifier: MIT
 *
 * Alarms on timerfd: a system call to start and another to stop.
 */
#include "tb/alarm.h"

#include "base/clock.h"
#include "base/status.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

int tb_alarm_open(struct tb_alarm *alarm)
{
    alarm->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    return alarm->fd < 0 ? -errno : 0;
}

void tb_alarm_close(struct tb_alarm *alarm)
{
    close(alarm->fd);
    alarm->fd = -1;
}

void tb_alarm_start(struct tb_alarm *alarm, uint64_t deadline_ns)
{
    struct itimerspec time = {.it_value = tc_timespec(deadline_ns)};
    MUST(timerfd_settime(alarm->fd, TFD_TIMER_ABSTIME, &time, NULL) == 0);
}

void tb_alarm_stop(struct tb_alarm *alarm)
{
    MUST(timerfd_settime(alarm->fd, 0, &(struct itimerspec){0}, NULL) == 0);
}
