/* SPDX-License-Identifier: MIT
 *
 * A whole run: blocks of rounds until the rules say enough. Single-threaded; while a worker
 * measures, this process sleeps, on another PU where there is one.
 */
#include "campaign_run.h"

#include "harness/process.h"
#include "harness/round.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUND_ALLOWANCE_NS (60 * TC_NS_PER_S)

void tc__tell(const struct run *run, const struct tc_planned *current)
{
    const struct tc_campaign *campaign = run->campaign;
    struct tc_progress progress = {.current = current,
                                   .cells = campaign->plan->count,
                                   .rounds = run->rounds,
                                   .block = run->block,
                                   .elapsed_ns = tc__elapsed_ns(run),
                                   .remaining_ns = tc__remaining_ns(run)};
    if (!campaign->on_progress)
        return;
    for (size_t i = 0; i < progress.cells; i++)
        progress.cells_finished += campaign->cells[i].state != TC_CELL_OPEN;
    campaign->on_progress(campaign->context, &progress);
}

/* -- cells -- */

/* Nothing more comes of this cell; the document knows why. */
static void end_cell(struct run *run, size_t index, enum tc_status status, const char *reason)
{
    struct tc_cell_progress *cell = &run->campaign->cells[index];
    cell->state = TC_CELL_ENDED;
    cell->status = status;
    cell->reason = strdup(reason);
    MUST(cell->reason);
    tc__stop_cell(run, index, TC_STOP_STATUS);
}

static void end_unmeasured(struct run *run, size_t index, enum tc_status status, const char *reason)
{
    tc_results_add_failure(run->results, &run->campaign->plan->cells[index].cell, status, reason);
    end_cell(run, index, status, reason);
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

/* How a cell stands after a round that was ok. */
static enum tc_stop rule_for(const struct run *run, size_t index)
{
    const struct tc_rules *rules = &run->campaign->rules;
    const struct tc_planned *planned = &run->campaign->plan->cells[index];
    uint64_t rounds = run->campaign->cells[index].rounds;
    if (rounds >= rules->rounds_max)
        return TC_STOP_ROUNDS;
    if (rules->precision && tc_is_look(rounds) &&
        tc_is_precise(run->results, &planned->cell, &planned->offer->awaited))
        return TC_STOP_PRECISION;
    return TC_STOP_NONE;
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
    if (status != TC_OK) {
        end_cell(run, index, status, tcj_text(tcj_get(object, "reason"), ""));
        return;
    }
    enum tc_stop stop = rule_for(run, index);
    if (stop != TC_STOP_NONE)
        cell->state = stop == TC_STOP_ROUNDS ? TC_CELL_ENOUGH : TC_CELL_PRECISE;
    tc__stop_cell(run, index, stop);
}

/* -- rounds -- */

static uint64_t round_limit_ns(const struct tc_campaign *campaign)
{
    return campaign->rules.round_limit_ns
               ? campaign->rules.round_limit_ns
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

/* A process is over when all of its memory and threads are gone, which can take a while longer than
 * its run. */
static void note_cost(struct run *run, struct tc_cell_progress *cell, uint64_t cost_ns,
                      uint64_t wall_ns)
{
    if (cost_ns > cell->wall_ns)
        cell->wall_ns = cost_ns;
    if (cost_ns - wall_ns > run->ending_max_ns)
        run->ending_max_ns = cost_ns - wall_ns;
}

static void run_round(struct run *run, size_t index)
{
    struct tc_campaign *campaign = run->campaign;
    const struct tc_planned *planned = &campaign->plan->cells[index];
    struct tc_cell_progress *cell = &campaign->cells[index];
    struct tc_round_outcome outcome;
    tc__tell(run, planned);
    stand_aside(run, planned);
    uint64_t own_limit = round_limit_ns(campaign), left = tc__time_left_ns(run);
    const struct tc_round_order order = {.measure_ms = campaign->rules.measure_ms,
                                         .limit_ns = own_limit < left ? own_limit : left,
                                         .inject_percent = run->results->injected_percent};
    uint64_t start_ns = tc_now_ns();
    tc_round_run(planned, &order, &outcome);
    note_cost(run, cell, tc_now_ns() - start_ns, outcome.wall_ns);
    run->rounds++;
    if (outcome.object)
        take_object(run, index, outcome.object);
    else if (outcome.timed_out && left < own_limit)
        run->out_of_time = true; /* the run's limit ended it: not the worker's fault */
    else if (!outcome.interrupted)
        end_unmeasured(run, index, TC_FAILED, outcome.reason.text);
    tc_round_clear(&outcome);
    tc__save_if_due(run);
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
        if (!tc__round_fits(run, cell)) {
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

/* Replaces a text of the document. */
static void set_text(char **field, const char *text)
{
    free(*field);
    *field = text ? strdup(text) : NULL;
    MUST(*field || !text);
}

/* What the document says of the run while it is under way. */
static void begin_document(struct run *run)
{
    struct tc_results *results = run->results;
    set_text(&results->finished, NULL);
    set_text(&results->stopped_by, NULL);
    results->complete = false;
    tcj_free(results->rules);
    results->rules = tc_rules_to_json(&run->campaign->rules);
    run->driver = tcj_get(results->environment, "driver");
    if (!run->driver) {
        run->driver = tcj_object();
        tcj_set(results->environment, "driver", run->driver);
    }
}

static void begin(struct run *run)
{
    struct tc_campaign *campaign = run->campaign;
    campaign->cells = calloc(campaign->plan->count + 1, sizeof *campaign->cells);
    MUST(campaign->cells);
    begin_document(run);
    tc__restore(run);
    for (size_t i = 0; i < campaign->plan->count; i++)
        if (campaign->plan->cells[i].skipped && campaign->cells[i].state == TC_CELL_OPEN)
            end_unmeasured(run, i, TC_SKIPPED, campaign->plan->cells[i].skipped);
    if (campaign->output && access(campaign->output, F_OK) < 0) {
        tc__save(run, NULL);
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

/* The cells that the end of the run finds open. */
static void close_cells(struct run *run)
{
    struct tc_campaign *campaign = run->campaign;
    bool asked = tc_interrupt_signal() != 0;
    const char *reason = asked ? "the run was interrupted before its first round"
                               : "the run's time was spent before its first round";
    for (size_t i = 0; i < campaign->plan->count; i++) {
        if (campaign->cells[i].state != TC_CELL_OPEN)
            continue;
        if (campaign->cells[i].rounds == 0)
            end_unmeasured(run, i, TC_SKIPPED, reason);
        tc__stop_cell(run, i, asked ? TC_STOP_SIGNAL : TC_STOP_TIME);
    }
}

static int finish(struct run *run, struct tc_error *err)
{
    struct tc_campaign *campaign = run->campaign;
    char finished[32];
    time_t now = time(NULL);
    campaign->stopped_by = why_stopped(run);
    set_text(&run->results->stopped_by, campaign->stopped_by);
    run->results->complete = is_complete(run);
    close_cells(run);
    strftime(finished, sizeof finished, "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
    set_text(&run->results->finished, finished);
    tc_results_sort(run->results);
    if (campaign->topology)
        tc_topology_stand_aside(campaign->topology, NULL);
    if (campaign->on_end)
        campaign->on_end(campaign->context, run->results);
    tc__tell(run, NULL);
    run->results->elapsed_ms = tc__elapsed_ns(run) / TC_NS_PER_MS;
    return tc__save(run, err);
}

int tc_campaign_run(struct tc_campaign *campaign, struct tc_results *results, struct tc_error *err)
{
    struct run run = {.campaign = campaign,
                      .results = results,
                      .started_ns = campaign->started_ns ? campaign->started_ns : tc_now_ns(),
                      .earlier_ms = results->elapsed_ms};
    size_t *order = calloc(campaign->plan->count + 1, sizeof *order);
    MUST(order);
    begin(&run);
    for (bool first = true; run_block(&run, order); first = false) {
        tc__tell(&run, NULL);
        if (first && campaign->rules.system_calls)
            tc__count_system_calls(&run);
    }
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
