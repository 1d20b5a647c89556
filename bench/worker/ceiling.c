/* SPDX-License-Identifier: MIT
 *
 * The most tasks at once: how many are predicted, how many to start next, and what stopped them.
 *
 * What a task takes of each limited thing (threads, mappings, address space, memory, the kernel's
 * included) is measured on a pilot, which is made four times larger as long as it stays within a
 * quarter of what is then predicted: the least of room / need over all limits. So the prediction
 * rests on no table of what threads cost on some other system. Memory is never used up: a reserve
 * stays free on the machine and in each control group, and meeting it is a limit like any other; if
 * the machine should run out nonetheless, this process is the one to be ended.
 */
#include "worker.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PILOT_MIN = 16, PILOT_MAX = 1 << 20, PILOT_GROWTH = 4, BATCH_MIN = 64, BATCH_MAX = 65536 };

/* Kept for writing the result at the end, when there may be nothing else to be had. */
enum { SPARE_BYTES = 1 << 20 };

/* What is started between two looks at the memory, as a part of what still fits. */
enum { BATCH_SHARE = 64 };

static void volunteer_to_be_ended(void)
{
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t written = write(fd, "1000", 4);
    (void)written; /* the reserve is what keeps the machine safe */
    close(fd);
}

void wl_ceiling_begin(struct wl_round *round)
{
    volunteer_to_be_ended();
    round->ceiling.spare = malloc(SPARE_BYTES);
    tc_limits_read(&round->ceiling.limits, "", TC_ALL_RESOURCES);
    tc_usage_read(round->ceiling.before, "");
}

/* The pilot's tasks are alive: what each takes, and how many of them there was room for before. */
static void predict(struct wl_round *round, uint64_t alive)
{
    struct ceiling *ceiling = &round->ceiling;
    double now[TC_RESOURCES], fit;
    tc_usage_read(now, "");
    for (int i = 0; i < TC_RESOURCES; i++)
        ceiling->needs[i] = (now[i] - ceiling->before[i]) / (double)alive;
    const struct tc_limit *first = tc_limits_first(&ceiling->limits, ceiling->needs, &fit);
    ceiling->predicted = fmin(fit, (double)round->tasks);
    ceiling->expected = (struct limit_hit){.value = NAN};
    if (first && fit < (double)round->tasks)
        limit_hit_set(&ceiling->expected, first, 0);
}

/* How many more fit into memory; the limit that says so in *hit when it is none. */
static double room_in_memory(struct wl_round *round, struct limit_hit *hit)
{
    struct tc_limits limits;
    double only_memory[TC_RESOURCES] = {[TC_MEMORY] = round->ceiling.needs[TC_MEMORY]}, more;
    tc_limits_read(&limits, "", TC_RESOURCE(TC_MEMORY));
    const struct tc_limit *first = tc_limits_first(&limits, only_memory, &more);
    if (first && more < BATCH_MIN)
        limit_hit_set(hit, first, 0);
    return more;
}

static uint64_t next_batch(struct wl_round *round, uint64_t alive)
{
    double room = room_in_memory(round, &round->ceiling.found);
    if (room < BATCH_MIN)
        return 0;
    double batch = fmin(fmax(room / BATCH_SHARE, BATCH_MIN), BATCH_MAX);
    return (uint64_t)fmin(batch, (double)(round->tasks - alive));
}

uint64_t wl_ceiling_next(struct wl_round *round, uint64_t alive)
{
    struct ceiling *ceiling = &round->ceiling;
    if (alive == 0)
        return round->tasks < PILOT_MIN ? round->tasks : PILOT_MIN;
    if (!ceiling->piloted) {
        predict(round, alive);
        uint64_t larger = alive * PILOT_GROWTH;
        if (larger <= PILOT_MAX && (double)larger <= ceiling->predicted / PILOT_GROWTH)
            return larger - alive;
        ceiling->piloted = true;
    }
    if (strcmp(wl_param(round, "until"), "prediction") == 0)
        return 0;
    return next_batch(round, alive);
}

static void record(struct wl_round *round, uint64_t alive)
{
    const struct ceiling *ceiling = &round->ceiling;
    wl_record_extra(round, "tasks_predicted",
                    ceiling->piloted ? ceiling->predicted : (double)alive);
    if (strcmp(wl_param(round, "until"), "prediction") != 0)
        wl_record_extra(round, "tasks_alive", (double)alive);
}

void wl_ceiling_end(struct wl_round *round, int code, uint64_t alive)
{
    struct limit_hit *found = &round->ceiling.found;
    const struct refusal refusal = {.code = code, .what = "SPAWN", .index = alive};
    if (code < 0 && !limit_explain(round, &refusal, found))
        snprintf(found->name, sizeof found->name, "%s, of no limit that is known",
                 tc_errno_name(code));
    free(round->ceiling.spare);
    record(round, alive);
    output_finish(round, "ok", NULL, *found->name ? found : NULL);
}

/* -- for the result -- */

static tc_json *describe_needs(const double *needs)
{
    static const char *const names[TC_RESOURCES] = {
        [TC_TASKS] = "threads",         [TC_MAPS] = "mappings",
        [TC_ADDRESS] = "address_bytes", [TC_COMMITTED] = "committed_bytes",
        [TC_MEMORY] = "memory_bytes",   [TC_FILES] = "descriptors"};
    tc_json *out = tcj_object();
    for (int i = 0; i < TC_RESOURCES; i++)
        tcj_set(out, names[i], tcj_number(needs[i]));
    return out;
}

tc_json *ceiling_observed(const struct wl_round *round)
{
    const struct ceiling *ceiling = &round->ceiling;
    tc_json *out = tcj_object();
    if (*ceiling->expected.name)
        tcj_set(out, "predicted_limit", limit_describe(&ceiling->expected));
    tcj_set(out, "needs", describe_needs(ceiling->needs));
    return out;
}
