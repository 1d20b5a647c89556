/* SPDX-License-Identifier: MIT
 *
 * Requests, in a closed loop or at planned times.
 *
 * A closed loop sends a request when the last has been answered, so that a stall delays all that
 * would have come meanwhile, and only one request shows it: the omission is coordinated (G. Tene,
 * "How NOT to Measure Latency", 2013; wrk2). In the open loop request k is due at origin + k / rate
 * whatever the answers do, and is sent then or, when that time has passed, at once. Its service
 * time counts from when it was sent and its response time from when it was due, so that what waited
 * behind a stall shows how long it waited. Nothing is made up afterwards: every slot is sent, none
 * twice; a slot that could only be sent more than an interval late is counted as missed.
 *
 * One request is under way at a time: what is due meanwhile waits, as behind a server that answers
 * in order. Left out: random (Poisson) arrivals, which would add a queue's own noise to the
 * model's.
 */
#include "worker.h"

#include "base/clock.h"
#include "base/parse.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

static const char half[] = "half"; /* the default of `rate` */

static void read_load(struct wl_round *round)
{
    const char *load = wl_param(round, "load"), *rate = wl_param(round, "rate");
    struct schedule *schedule = &round->schedule;
    struct tc_error err;
    schedule->load = strcmp(load, "open") == 0 ? LOAD_OPEN : LOAD_CLOSED;
    if (schedule->load == LOAD_CLOSED && strcmp(load, "closed") != 0)
        wl_wrong(round, "load '%s' is neither closed nor open", load);
    if (strcmp(rate, half) == 0)
        return;
    if (schedule->load == LOAD_CLOSED)
        wl_wrong(round, "rate is for the open loop: add load=open");
    if (tc_parse_count(rate, "rate", 1, TC_NS_PER_S, &schedule->rate, &err) < 0)
        wl_wrong(round, "%s", err.text);
}

bool wl_is_open(struct wl_round *round)
{
    if (round->schedule.load == LOAD_UNREAD)
        read_load(round);
    return round->schedule.load == LOAD_OPEN;
}

/* The warm-up is a closed loop: it tells what half of the capacity is. */
static bool is_planned(struct wl_round *round)
{
    return wl_is_open(round) && round->phase == PHASE_MEASURE;
}

static void begin_schedule(struct wl_round *round)
{
    struct schedule *schedule = &round->schedule;
    if (schedule->rate)
        schedule->interval_ns = (double)TC_NS_PER_S / (double)schedule->rate;
    else if (schedule->warm.count > 0)
        schedule->interval_ns = 2 * tc_median(schedule->warm.items, schedule->warm.count);
    else
        wl_wrong(round, "rate=half goes by the warm-up, and there was none: give a rate, such as "
                        "rate=1000");
    schedule->origin_ns = tc_now_ns();
}

static uint64_t due_ns(const struct schedule *schedule, uint64_t slot)
{
    return schedule->origin_ns + (uint64_t)((double)slot * schedule->interval_ns);
}

bool wl_next_request(struct wl_round *round, struct wl_request *request)
{
    struct schedule *schedule = &round->schedule;
    *request = (struct wl_request){0};
    if (!wl_next_single(round))
        return false;
    if (is_planned(round)) {
        if (schedule->slots == 0)
            begin_schedule(round);
        request->due_ns = due_ns(schedule, schedule->slots++);
    }
    return true;
}

/* For the tests: stops the first measured request in its tracks, once. */
static void stall(struct wl_round *round)
{
    struct timespec time = tc_timespec(round->stall_ns);
    if (round->stall_ns == 0 || round->schedule.stalled || round->phase != PHASE_MEASURE)
        return;
    round->schedule.stalled = true;
    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &time, &time) == EINTR)
        ;
}

void wl_request_start(struct wl_round *round, struct wl_request *request)
{
    struct schedule *schedule = &round->schedule;
    request->start_ns = tc_now_ns();
    if (request->due_ns && (double)(request->start_ns - request->due_ns) > schedule->interval_ns)
        schedule->missed++;
    stall(round);
}

/* The service time as it was recorded: with --inject it is longer than what was measured here. */
void wl_request_end(struct wl_round *round, const struct wl_request *request)
{
    uint64_t before_ns = round->measured_ns;
    round->schedule.end_ns = tc_now_ns();
    wl_record(round, round->schedule.end_ns - request->start_ns, 1);
    uint64_t service_ns = round->measured_ns - before_ns;
    if (round->phase == PHASE_WARM)
        values_add(&round->schedule.warm, (double)round->last_elapsed_ns);
    if (request->due_ns)
        series_add(round, metric_index(round, "response"),
                   (double)(request->start_ns - request->due_ns + service_ns));
}

bool schedule_leaves(struct wl_round *round, uint64_t time_ns)
{
    const struct schedule *schedule = &round->schedule;
    return schedule->slots == 0 || due_ns(schedule, schedule->slots) > tc_now_ns() + time_ns;
}

void wl_record_load(struct wl_round *round, uint64_t units)
{
    const struct schedule *schedule = &round->schedule;
    if (!wl_is_open(round)) {
        wl_record_throughput(round, "throughput", units);
        return;
    }
    double slots = (double)schedule->slots, planned_ns = slots * schedule->interval_ns,
           took_ns = (double)(schedule->end_ns - schedule->origin_ns);
    wl_record_extra(round, "missed_slots", (double)schedule->missed / slots);
    wl_record_extra(round, "offered_rate", slots * (double)TC_NS_PER_S / planned_ns);
    wl_record_extra(round, "achieved_rate",
                    slots * (double)TC_NS_PER_S / fmax(took_ns, planned_ns));
}
