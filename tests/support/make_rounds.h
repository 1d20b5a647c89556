/* SPDX-License-Identifier: MIT
 *
 * Documents for tests of what is made of rounds: each round one sample of `switch`, by the way a
 * worker's own output takes.
 */
#ifndef MAKE_ROUNDS_H
#define MAKE_ROUNDS_H

#include "test_main.h"

#include "harness/results.h"

/* Adds a round of block `block` to the cell of 500 tasks of `model`; its median is `value`. */
static inline void add_round(struct tc_results *results, const char *model, uint64_t block,
                             double value)
{
    struct tc_error err = {""};
    char text[400];
    char workload[] = "switch-pipe", placement[] = "one-core", name[32];
    snprintf(name, sizeof name, "%s", model);
    struct tc_cell cell = {
        .workload = workload, .model = name, .placement = placement, .tasks = 500};
    snprintf(text, sizeof text,
             "{\"protocol\": \"taskcost-worker\", \"protocol_version\": 1, \"model\": \"%s\", "
             "\"workload\": \"switch-pipe\", \"tasks\": 500, \"status\": \"ok\", \"metrics\": "
             "[{\"name\": \"switch\", \"unit\": \"ns\", \"samples\": [%.17g]}]}",
             model, value);
    tc_json *round = tcj_parse(text, strlen(text), "test", &err);
    if (!round || tc_results_add_round(results, &cell, block, round, &err) != 0)
        fail_msg("%s", err.text);
    tcj_free(round);
}

/* One round a block, from block 0 on. */
static inline void add_rounds(struct tc_results *results, const char *model, const double *values,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_round(results, model, i, values[i]);
}

static inline struct tc_measurement *rounds_of(const struct tc_results *results, const char *model)
{
    return (struct tc_measurement *)tc_results_find(results, NULL, model, NULL, 500, "switch");
}

#endif
