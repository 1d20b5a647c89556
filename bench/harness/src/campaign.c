/* SPDX-License-Identifier: MIT
 *
 * A whole run: blocks of rounds until the rules say enough. Single-threaded; while a worker
 * measures, this process sleeps, on another PU where there is one.
 */
#include "harness/campaign.h"

#include "harness/process.h"
#include "harness/round.h"

#include "base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SAVE_EVERY_NS      TC_NS_PER_S
#define ROUND_ALLOWANCE_NS (60 * TC_NS_PER_S)
enum { SAVE_SHARE = 20 };

struct run {
    struct tc_campaign *campaign;
    struct tc_results *results;
    tc_json *driver; /* placement -> PUs of the driver; borrowed from the environment */
    uint64_t started_ns, saved_ns, save_cost_ns;
    uint64_t rounds, block;
    bool out_of_time;
};

/* -- time -- */

static uint64_t elapsed_ns(const struct run *run)
{
    return tc_now_ns() - run->started_ns;
}

/* How long the next round of a cell will take, judging from its earlier ones. */
static uint64_t expected_ns(const struct run *run, const struct tc_cell_progress *cell)
{
    uint64_t measuring = run->campaign->rules.measure_ms * TC_NS_PER_MS;
    return cell->wall_ns ? cell->wall_ns : measuring;
}

static bool fits(const struct run *run, const struct tc_cell_progress *cell)
{
    const struct tc_campaign *campaign = run->campaign;
    uint64_t end = elapsed_ns(run) + expected_ns(run, cell);
    return end <= campaign->time_limit_ns &&
           (cell->rounds < campaign->rules.rounds_min || end <= campaign->rules.budget_ns);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* The rounds up to `goal` of all open cells. */
static uint64_t work_left_ns(const struct run *run, uint64_t goal)
{
    const struct tc_campaign *campaign = run->campaign;
    uint64_t known = 0, walls = 0, sum = 0;
    for (size_t i = 0; i < campaign->plan->count; i++) {
        known += campaign->cells[i].wall_ns > 0;
        walls += campaign->cells[i].wall_ns;
    }
    for (size_t i = 0; i < campaign->plan->count; i++) {
        const struct tc_cell_progress *cell = &campaign->cells[i];
        if (cell->state != TC_CELL_OPEN)
            continue;
        uint64_t each =
            cell->wall_ns || !known ? expected_ns(run, cell) : walls / known; /* not yet seen */
        sum += less(goal, cell->rounds) * each;
    }
    return sum;
}

static uint64_t remaining_ns(const struct run *run)
{
    const struct tc_campaign *campaign = run->campaign;
    uint64_t elapsed = elapsed_ns(run);
    uint64_t must = work_left_ns(run, campaign->rules.rounds_min);
    uint64_t may = less(campaign->rules.budget_ns, elapsed);
    uint64_t wanted = least(work_left_ns(run, campaign->rules.rounds_max), may > must ? may : must);
    return least(wanted, less(campaign->time_limit_ns, elapsed));
}

/* -- telling and saving -- */

static void tell(const struct run *run, const struct tc_planned *current)
{
    const struct tc_campaign *campaign = run->campaign;
    struct tc_progress progress = {.current = current,
                                   .cells = campaign->plan->count,
                                   .rounds = run->rounds,
                                   .block = run->block,
                                   .elapsed_ns = elapsed_ns(run),
                                   .remaining_ns = remaining_ns(run)};
    if (!campaign->on_progress)
        return;
    for (size_t i = 0; i < progress.cells; i++)
        progress.cells_finished += campaign->cells[i].state != TC_CELL_OPEN;
    campaign->on_progress(campaign->context, &progress);
}

static int save(struct run *run, struct tc_error *err)
{
    if (!run->campaign->output)
        return 0;
    uint64_t before = tc_now_ns();
    tc_results_summarise(run->results);
    int code = tc_results_save(run->results, run->campaign->output, err);
    run->saved_ns = tc_now_ns();
    run->save_cost_ns = run->saved_ns - before;
    return code;
}

/* A failure here is no reason to stop measuring: the last saving reports what still fails. */
static void save_if_due(struct run *run)
{
    uint64_t pause = run->save_cost_ns * SAVE_SHARE;
    if (run->saved_ns == 0 ||
        tc_now_ns() - run->saved_ns >= (pause > SAVE_EVERY_NS ? pause : SAVE_EVERY_NS))
        save(run, NULL);
}

/* -- cells -- */

static void end_cell(struct tc_cell_progress *cell, enum tc_status status, const char *reason)
{
    cell->state = TC_CELL_ENDED;
    cell->status = status;
    cell->reason = strdup(reason);
    MUST(cell->reason);
}

static void end_unmeasured(struct run *run, size_t index, enum tc_status status, const char *reason)
{
    end_cell(&run->campaign->cells[index], status, reason);
    tc_results_add_failure(run->results, &run->campaign->plan->cells[index].cell, status, reason);
}

static enum tc_status status_of(const tc_json *object)
{
    static const enum tc_status all[] = {TC_SKIPPED, TC_FAILED, TC_LIMITED};
    const char *name = tcj_text(tcj_get(object, "status"), "");
    for (size_t i = 0; i < TC_COUNT_OF(all); i++)
        if (strcmp(name, tc_status_name(all[i])) == 0)
            return all[i];
    return TC_OK;
}

static bool is_precise(const struct run *run, size_t index)
{
    const struct tc_planned *planned = &run->campaign->plan->cells[index];
    const struct tc_rules *rules = &run->campaign->rules;
    if (!rules->precision || run->campaign->cells[index].rounds < rules->rounds_min)
        return false;
    tc_results_summarise(run->results);
    return tc_is_precise(run->results, &planned->cell, &planned->offer->metrics);
}

/* A worker delivered an object: into the document with it. */
static void take_object(struct run *run, size_t index, const tc_json *object)
{
    const struct tc_planned *planned = &run->campaign->plan->cells[index];
    struct tc_cell_progress *cell = &run->campaign->cells[index];
    struct tc_error err;
    if (tc_results_add_round(run->results, &planned->cell, run->block, object, &err) < 0) {
        end_unmeasured(run, index, TC_FAILED, err.text);
        return;
    }
    cell->rounds++;
    enum tc_status status = status_of(object);
    if (status != TC_OK)
        end_cell(cell, status, tcj_text(tcj_get(object, "reason"), ""));
    else if (cell->rounds >= run->campaign->rules.rounds_max)
        cell->state = TC_CELL_ENOUGH;
    else if (is_precise(run, index))
        cell->state = TC_CELL_PRECISE;
}

/* -- rounds -- */

static uint64_t round_limit_ns(const struct tc_campaign *campaign)
{
    return campaign->round_limit_ns
               ? campaign->round_limit_ns
               : ROUND_ALLOWANCE_NS + campaign->rules.measure_ms * TC_NS_PER_MS;
}

static void stand_aside(struct run *run, const struct tc_planned *planned)
{
    if (!run->campaign->topology)
        return;
    const char *pus = tc_topology_stand_aside(run->campaign->topology, planned->placement);
    if (!tcj_get(run->driver, planned->cell.placement))
        tcj_set(run->driver, planned->cell.placement, tcj_string(pus));
}

static void run_round(struct run *run, size_t index)
{
    struct tc_campaign *campaign = run->campaign;
    const struct tc_planned *planned = &campaign->plan->cells[index];
    struct tc_cell_progress *cell = &campaign->cells[index];
    struct tc_round_outcome outcome;
    tell(run, planned);
    stand_aside(run, planned);
    uint64_t own_limit = round_limit_ns(campaign);
    uint64_t left = less(campaign->time_limit_ns, elapsed_ns(run));
    const struct tc_round_order order = {.measure_ms = campaign->rules.measure_ms,
                                         .limit_ns = least(own_limit, left),
                                         .inject_percent = run->results->injected_percent};
    tc_round_run(planned, &order, &outcome);
    if (outcome.wall_ns > cell->wall_ns)
        cell->wall_ns = outcome.wall_ns;
    run->rounds++;
    if (outcome.object)
        take_object(run, index, outcome.object);
    else if (outcome.timed_out && left < own_limit)
        run->out_of_time = true; /* the run's limit ended it: not the worker's fault */
    else if (!outcome.interrupted)
        end_unmeasured(run, index, TC_FAILED, outcome.reason.text);
    tc_round_clear(&outcome);
    save_if_due(run);
}

/* One pass over the open cells; false when there was nothing left to do. */
static bool run_block(struct run *run, size_t *order)
{
    const struct tc_campaign *campaign = run->campaign;
    bool any = false;
    tc_block_order(campaign->seed, run->block, campaign->plan, order);
    for (size_t i = 0; i < campaign->plan->count && !tc_interrupt_signal(); i++) {
        const struct tc_cell_progress *cell = &campaign->cells[order[i]];
        if (cell->state != TC_CELL_OPEN)
            continue;
        if (!fits(run, cell)) {
            run->out_of_time = true;
            continue;
        }
        run_round(run, order[i]);
        any = true;
    }
    run->block++;
    return any && !tc_interrupt_signal();
}

/* -- from start to end -- */

static void begin(struct run *run)
{
    struct tc_campaign *campaign = run->campaign;
    campaign->cells = calloc(campaign->plan->count + 1, sizeof *campaign->cells);
    MUST(campaign->cells);
    for (size_t i = 0; i < campaign->plan->count; i++)
        if (campaign->plan->cells[i].skipped)
            end_unmeasured(run, i, TC_SKIPPED, campaign->plan->cells[i].skipped);
    run->driver = tcj_object();
    tcj_set(run->results->environment, "driver", run->driver);
    if (campaign->output && access(campaign->output, F_OK) < 0) {
        save(run, NULL);
        run->saved_ns = 0; /* the first round is saved too */
    }
}

static const char *why_stopped(const struct run *run)
{
    const struct tc_campaign *campaign = run->campaign;
    bool precise = false, open = false;
    for (size_t i = 0; i < campaign->plan->count; i++) {
        precise = precise || campaign->cells[i].state == TC_CELL_PRECISE;
        open = open || campaign->cells[i].state == TC_CELL_OPEN;
    }
    if (tc_interrupt_signal())
        return "signal";
    return run->out_of_time && open ? "time" : precise ? "precision" : "rounds";
}

static bool is_complete(const struct run *run)
{
    const struct tc_campaign *campaign = run->campaign;
    for (size_t i = 0; i < campaign->plan->count; i++)
        if (campaign->cells[i].state == TC_CELL_OPEN &&
            campaign->cells[i].rounds < campaign->rules.rounds_min)
            return false;
    return tc_interrupt_signal() == 0;
}

/* Replaces a text of the document. */
static void set_text(char **field, const char *text)
{
    free(*field);
    *field = strdup(text);
    MUST(*field);
}

static int finish(struct run *run, struct tc_error *err)
{
    struct tc_campaign *campaign = run->campaign;
    const char *reason = tc_interrupt_signal() ? "the run was interrupted before its first round"
                                               : "the run's time was spent before its first round";
    char finished[32];
    time_t now = time(NULL);
    campaign->stopped_by = why_stopped(run);
    set_text(&run->results->stopped_by, campaign->stopped_by);
    run->results->complete = is_complete(run); /* before open cells are closed */
    for (size_t i = 0; i < campaign->plan->count; i++)
        if (campaign->cells[i].state == TC_CELL_OPEN && campaign->cells[i].rounds == 0)
            end_unmeasured(run, i, TC_SKIPPED, reason);
    strftime(finished, sizeof finished, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    set_text(&run->results->finished, finished);
    tc_results_sort(run->results);
    if (campaign->topology)
        tc_topology_stand_aside(campaign->topology, NULL);
    tell(run, NULL);
    return save(run, err);
}

int tc_campaign_run(struct tc_campaign *campaign, struct tc_results *results, struct tc_error *err)
{
    struct run run = {.campaign = campaign, .results = results, .started_ns = tc_now_ns()};
    size_t *order = calloc(campaign->plan->count + 1, sizeof *order);
    MUST(order);
    begin(&run);
    while (run_block(&run, order))
        tell(&run, NULL);
    free(order);
    return finish(&run, err);
}

void tc_campaign_clear(struct tc_campaign *campaign)
{
    for (size_t i = 0; campaign->cells && i < campaign->plan->count; i++)
        free(campaign->cells[i].reason);
    free(campaign->cells);
    campaign->cells = NULL;
}
