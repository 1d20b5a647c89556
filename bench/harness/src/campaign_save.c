/* SPDX-License-Identifier: MIT
 *
 * When a campaign's document is saved, and what happens when it can't be: the last good file stays,
 * measuring goes on (the disk may have room again by the next time), and it is told once.
 */
#include "campaign_run.h"

#include "base/clock.h"

#define SAVE_EVERY_NS TC_NS_PER_S
enum { SAVE_SHARE = 20 };

static void tell_failure(struct run *run, bool failed, const struct tc_error *err)
{
    const struct tc_campaign *campaign = run->campaign;
    if (failed && !run->save_failed && campaign->on_save_failed)
        campaign->on_save_failed(campaign->context, err);
    run->save_failed = failed;
}

int tc__save(struct run *run, struct tc_error *err)
{
    struct tc_error reason;
    if (!run->campaign->output)
        return 0;
    uint64_t before = tc_now_ns();
    run->results->elapsed_ms = tc__elapsed_ns(run) / TC_NS_PER_MS;
    tc_results_summarise(run->results);
    int code = tc_results_save(run->results, run->campaign->output, &reason);
    tell_failure(run, code < 0, &reason);
    run->saved_ns = tc_now_ns();
    run->save_cost_ns = run->saved_ns - before;
    if (run->save_cost_ns > run->save_cost_max_ns)
        run->save_cost_max_ns = run->save_cost_ns;
    if (code < 0 && err)
        *err = reason;
    return code;
}

void tc__save_if_due(struct run *run)
{
    uint64_t pause = run->save_cost_ns * SAVE_SHARE;
    if (run->saved_ns == 0 ||
        tc_now_ns() - run->saved_ns >= (pause > SAVE_EVERY_NS ? pause : SAVE_EVERY_NS))
        tc__save(run, NULL);
}
