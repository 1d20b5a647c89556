/* SPDX-License-Identifier: MIT
 *
 * A campaign of two fake models, set up and torn down around each test, and questions about what it
 * left: the document in memory, the file, and the log that the workers themselves keep. Time
 * decides no verdict in the tests that use it: limits are so small that nothing fits, or so large
 * that everything does.
 */
#ifndef FAKE_CAMPAIGN_H
#define FAKE_CAMPAIGN_H

#include "harness/campaign.h"

#include "base/clock.h"

#include "fake_workers.h"
#include "test_main.h"

static struct fake_workers fake;
static struct tc_results *results;
static char output[64], log_path[64];

static inline void set_text(char **field, const char *text)
{
    free(*field);
    *field = strdup(text);
}

static inline struct tc_results *new_document(void)
{
    struct tc_results *document = tc_results_new();
    set_text(&document->id, "test");
    set_text(&document->started, "2026-01-01T00:00:00Z");
    return document;
}

static inline int set_up(void **state)
{
    char param[80];
    (void)state;
    fake_workers_init(&fake, "alpha,beta");
    snprintf(output, sizeof output, "%s/results.json", fake.folder);
    snprintf(log_path, sizeof log_path, "%s/log", fake.folder);
    snprintf(param, sizeof param, "log=%s", log_path);
    tc_plan_add_param(&fake.request, param, NULL);
    results = new_document();
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    char command[128];
    tc_results_free(results);
    snprintf(command, sizeof command, "rm -rf '%s'", fake.folder);
    fake_workers_clear(&fake);
    return system(command);
}

static inline struct tc_campaign plan(const char *workloads, const char *tasks, uint64_t rounds)
{
    fake_workers_plan(&fake, workloads, tasks);
    struct tc_campaign campaign = {.plan = &fake.plan,
                                   .topology = fake.topology,
                                   .rules = *tc_rules_of("quick"),
                                   .seed = 42,
                                   .output = output};
    campaign.rules.measure_ms = 1;
    campaign.rules.budget_ns = TC_NEVER;
    campaign.rules.rounds_min = campaign.rules.rounds_max = rounds;
    campaign.rules.precision = false;
    return campaign;
}

static inline void run(struct tc_campaign *campaign)
{
    struct tc_error err = {""};
    if (tc_campaign_run(campaign, results, &err) < 0)
        fail_msg("%s", err.text);
}

static inline const struct tc_measurement *cost_of(size_t cell)
{
    const struct tc_measurement *m =
        tc_results_lookup(results, &fake.plan.cells[cell].cell, "cost");
    assert_non_null(m);
    return m;
}

/* The file as it is now: valid, or the test fails. */
static inline struct tc_results *load(void)
{
    struct tc_error err = {""};
    struct tc_results *loaded = tc_results_load(output, &err);
    if (!loaded)
        fail_msg("%s", err.text);
    return loaded;
}

static inline size_t count_runs(const char *workload)
{
    char line[256], word[64];
    size_t count = 0;
    FILE *log = fopen(log_path, "r");
    snprintf(word, sizeof word, " %s ", workload);
    while (log && fgets(line, sizeof line, log))
        count += strstr(line, word) != NULL;
    if (log)
        fclose(log);
    return count;
}

#define FAKED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
