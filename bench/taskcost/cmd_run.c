/* SPDX-License-Identifier: MIT
 *
 * taskcost run: from the command line to a campaign, and from its end to an exit code. Everything
 * that can be refused is refused before the first round; what is left can only fail cell by cell.
 */
#include "command.h"
#include "progress.h"
#include "run_choices.h"
#include "run_output.h"
#include "run_resume.h"
#include "version.h"

#include "base/clock.h"
#include "harness/campaign.h"
#include "harness/environment.h"
#include "harness/file_replace.h"
#include "harness/lock.h"
#include "harness/process.h"
#include "harness/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define HOLES_NS (20 * TC_NS_PER_MS)

/* Everything a run owns. */
struct session {
    struct choices choices;
    struct tc_topology *topology;
    struct tc_workers workers;
    struct tc_plan plan;
    struct tc_rules rules;
    struct tc_results *results;
    struct progress progress;
    struct tc_lock lock;
    char *output; /* NULL for standard output */
    uint64_t started_ns;
    uint64_t stolen, ticks; /* of all CPUs when it began */
};

/* -- preparing -- */

static void add_warning(void *context, const char *id, const char *cause, const char *remedy)
{
    tc_results_add_warning(context, id, cause, remedy);
}

static uint64_t draw_seed(void)
{
    uint32_t seed;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = (uint32_t)tc_now_ns();
    return seed;
}

/* What makes the same plan again: a model that appears later is not part of this run. */
static tc_json *request_to_keep(struct session *session)
{
    struct tc_plan_request *request = &session->choices.request;
    if (request->models.count == 0)
        tc_workers_models(&session->workers, &request->models);
    return tc_plan_request_to_json(request);
}

static void describe_run(struct session *session, int argc, char **argv)
{
    struct tc_results *results = session->results;
    tcj_free(results->environment);
    results->environment = tc_environment_read(session->topology, "");
    tcj_set(results->environment, "holes", tc_environment_holes(HOLES_NS));
    tcj_set(results->environment, "placements", tc_plan_describe_placements(&session->plan));
    results->profile = strdup(session->choices.request.profile);
    results->version = strdup(TC_VERSION);
    results->commit = strdup(TC_COMMIT);
    results->command = run_command_line(argc, argv);
    results->request = request_to_keep(session);
    results->seed = session->choices.seed;
    results->injected_percent = session->choices.inject_percent;
    MUST(results->profile && results->version && results->commit);
    run_stamp(results);
    tc_environment_warn(results->environment, add_warning, results);
}

static void print_warnings(const struct tc_results *results, const struct tc_workers *workers)
{
    for (size_t i = 0; i < workers->ignored.count; i++)
        fprintf(stderr, "taskcost run: warning: %s\n", workers->ignored.items[i]);
    for (size_t i = 0; i < results->warning_count; i++)
        fprintf(stderr, "taskcost run: warning: %s; %s\n", results->warnings[i].cause,
                results->warnings[i].remedy);
}

static struct tc_rules choose_rules(const struct choices *choices)
{
    struct tc_rules rules = *tc_rules_of(choices->request.profile);
    if (choices->rounds) {
        rules.rounds_min = rules.rounds_max = choices->rounds;
        rules.precision = false;
    }
    if (choices->time_limit_s)
        rules.budget_ns = rules.time_limit_ns = choices->time_limit_s * TC_NS_PER_S;
    rules.round_limit_ns = choices->round_limit_s * TC_NS_PER_S;
    if (choices->system_calls != AS_PROFILE)
        rules.system_calls = choices->system_calls == COUNTED;
    return rules;
}

/* The machine, the workers, and from the request the plan. */
static int make_plan(struct session *session, struct tc_error *err)
{
    struct tc_words folders = {0};
    session->topology = tc_topology_load(err);
    if (!session->topology)
        return -ENODEV;
    tc_workers_folders(&folders, TC_PREFIX "/libexec/taskcost");
    tc_workers_find(&session->workers, &folders);
    tc_words_clear(&folders);
    return tc_plan_make(&session->plan, &session->choices.request, &session->workers,
                        session->topology, err);
}

static int begin_anew(struct session *session, int argc, char **argv, struct tc_error *err)
{
    struct choices *choices = &session->choices;
    if (!choices->request.profile)
        choices->request.profile = "default";
    if (!choices->has_seed)
        choices->seed = draw_seed();
    int code = make_plan(session, err);
    if (code < 0)
        return code;
    session->rules = choose_rules(choices);
    session->results = tc_results_new();
    describe_run(session, argc, argv);
    code = run_choose_output(choices->output, session->results, &session->output, err);
    if (code == 0 && session->output)
        code = tc_lock_take(&session->lock, session->output, err);
    if (code == 0 && session->output && !choices->overwrite)
        code = run_check_vacant(session->output, err);
    if (code == 0 && session->output)
        code = run_save_topology(session->output, session->topology, session->results->environment,
                                 err);
    return code;
}

/* The environment stays that of the beginning; what is doubtful now is added to the warnings. */
static int go_on(struct session *session, struct tc_error *err)
{
    int code = make_plan(session, err);
    if (code < 0)
        return code;
    tc_json *now = tc_environment_read(session->topology, "");
    code = run_check_machine(session->results, now, err);
    tc_environment_warn(now, add_warning, session->results);
    tcj_free(now);
    if (code == 0)
        run_stamp_resumed(session->results);
    return code;
}

/* EXIT_DONE with *finished when there is nothing left to measure. */
static int resume(struct session *session, bool *finished, struct tc_error *err)
{
    struct choices *choices = &session->choices;
    session->output = strdup(choices->output);
    MUST(session->output);
    int code = tc_lock_take(&session->lock, session->output, err);
    if (code < 0)
        return code;
    session->results = run_load_resumed(choices, &session->rules, err);
    if (!session->results)
        return -EINVAL;
    const char *why = run_is_finished(session->results, &session->rules, choices->time_limit_s);
    *finished = why != NULL;
    if (why)
        fprintf(stderr, "taskcost run: %s: %s\n", session->output, why);
    return *finished ? 0 : go_on(session, err);
}

/* -- ending -- */

/* A line for each cell that failed; returns how many. */
static size_t print_failures(const struct session *session, const struct tc_campaign *campaign)
{
    size_t failures = 0;
    char cell[300];
    for (size_t i = 0; i < session->plan.count; i++) {
        if (campaign->cells[i].status != TC_FAILED)
            continue;
        fprintf(stderr, "taskcost run: failed: %s: %s\n",
                tc_cell_describe(&session->plan.cells[i].cell, cell, sizeof cell),
                campaign->cells[i].reason);
        failures++;
    }
    return failures;
}

/* What the run has changed, or what has changed meanwhile. */
static void note_end(void *context, struct tc_results *results)
{
    const struct session *session = context;
    uint64_t stolen, all;
    bool known = tc_cpu_ticks("", &stolen, &all) && all > session->ticks;
    tcj_set(tcj_get(results->environment, "cpu"), "steal_share",
            known ? tcj_number((double)(stolen - session->stolen) / (double)(all - session->ticks))
                  : tc_reading_absent());
    tcj_set(results->environment, "after", tc_environment_read_again(""));
    tc_environment_warn(results->environment, add_warning, results); /* each is kept once */
}

static int conclude(struct session *session, const struct tc_campaign *campaign)
{
    size_t failures = print_failures(session, campaign);
    const char *where = session->output ? session->output : "standard output";
    if (tc_interrupt_signal()) {
        fprintf(stderr, "taskcost run: interrupted; what was measured is in %s%s\n", where,
                session->output ? ", and --resume goes on with it" : "");
        return EXIT_INTERRUPTED;
    }
    if (session->output)
        fprintf(stderr, "taskcost run: the results are in %s (stopped by %s)\n", where,
                campaign->stopped_by);
    return failures ? EXIT_CELLS_FAILED : EXIT_DONE;
}

/* -- between -- */

static void show_progress(void *context, const struct tc_progress *now)
{
    progress_show(&((struct session *)context)->progress, now);
}

static void tell_save_failed(void *context, const struct tc_error *err)
{
    progress_end(&((struct session *)context)->progress);
    fprintf(stderr,
            "taskcost run: warning: %s; what was saved before stays, measuring goes on, and saving "
            "is tried again\n",
            err->text);
}

static int measure(struct session *session)
{
    struct tc_error err;
    struct tc_campaign campaign = {
        .plan = &session->plan,
        .topology = session->topology,
        .rules = session->rules,
        .seed = session->choices.seed,
        .started_ns = session->started_ns,
        .output = session->output,
        .on_progress = show_progress,
        .on_save_failed = tell_save_failed,
        .on_end = note_end,
        .context = session,
    };
    session->ticks = UINT64_MAX;
    tc_cpu_ticks("", &session->stolen, &session->ticks);
    progress_init(&session->progress);
    int code = tc_campaign_run(&campaign, session->results, &err);
    progress_end(&session->progress);
    if (code == 0 && !session->output)
        code = tc_results_save(session->results, "-", &err);
    code = code < 0 ? usage_error("run", "%s", err.text) : conclude(session, &campaign);
    tc_campaign_clear(&campaign);
    return code;
}

static void close_session(struct session *session)
{
    tc_lock_release(&session->lock);
    tc_plan_clear(&session->plan);
    tc_plan_request_clear(&session->choices.request);
    tc_workers_clear(&session->workers);
    tc_topology_free(session->topology);
    tc_results_free(session->results);
    free(session->output);
}

static int run(int argc, char **argv)
{
    struct session session = {.started_ns = tc_now_ns(), .lock.fd = -1};
    struct tc_error err;
    bool finished = false;
    int code = run_read_choices(&session.choices, argc, argv);
    if (code == EXIT_DONE && (session.choices.resume ? resume(&session, &finished, &err)
                                                     : begin_anew(&session, argc, argv, &err)) < 0)
        code = usage_error("run", "%s", err.text);
    if (code == EXIT_DONE && !finished) {
        if (session.output)
            tc_file_sweep(session.output); /* holding its lock */
        print_warnings(session.results, &session.workers);
        tc_interrupt_watch();
        code = measure(&session);
    }
    close_session(&session);
    return code;
}

const struct command command_run = {
    .name = "run",
    .synopsis = "run [WORKLOAD...] [-m MODEL,...] [-n TASKS,...] [-p PLACEMENT,...] [OPTION...]",
    .summary = "measure, and save one JSON document",
    .help =
        "What to measure; without -n, -p and --param the profile's sweeps decide:\n"
        "  WORKLOAD...               only these (default: all; `taskcost list` names them)\n"
        "  -m, --models MODEL,...    only these (default: all that were found)\n"
        "  -n, --tasks N,...         numbers of tasks (default: each workload's usual number)\n"
        "  -p, --placements P,...    names, of `taskcost list`, or hwloc locations such as core:2\n"
        "                            and pu:0,3 (default: one-core)\n"
        "      --param NAME=V[,V]    values of a workload's parameter; may be repeated\n"
        "\n"
        "How long:\n"
        "      --profile NAME        quick:   40 ms a round,  6-20 rounds,  1 min beyond 6 rounds\n"
        "                            default: 100 ms a round, 6-20 rounds,  8 min beyond 6\n"
        "                            full:    200 ms a round, 10-30 rounds, 1 h beyond 10\n"
        "                            (quick and default look at a cell after 10, 12, ... 18 "
        "rounds\n"
        "                            and end it there when its figure is known within 2 %)\n"
        "      --rounds N            exactly N rounds of every cell\n"
        "      --time-limit S        end after S seconds, saving included; comes before the "
        "fewest\n"
        "                            rounds; those that would not fit are not begun\n"
        "      --round-limit S       a worker that takes longer has failed (default: 60 s more "
        "than\n"
        "                            it is to measure)\n"
        "      --system-calls, --no-system-calls\n"
        "                            count them with strace after the first block, for a tenth of\n"
        "                            the time at most, or do not (default: not in quick)\n"
        "      --seed N              order of the rounds (default: drawn, and recorded)\n"
        "\n"
        "Where to:\n"
        "  -o, --output FILE         default results/DATE-HOST.json; - is standard output, which\n"
        "                            then gets the JSON alone, at the end; one that is there is\n"
        "                            refused\n"
        "      --overwrite           replaces it, once something was measured\n"
        "      --resume              goes on with the run in it, as it was begun: same plan, seed\n"
        "                            and rules; --time-limit S gives it S seconds more\n"
        "\n"
        "The file is whole at any moment, and has one writer: FILE.lock keeps others out. Ctrl-C\n"
        "ends the run and keeps what was measured; a second one kills it.\n"
        "Exit codes: 0 done, 1 some cells failed, 2 wrong use, 130 interrupted.\n",
    .run = run,
};
