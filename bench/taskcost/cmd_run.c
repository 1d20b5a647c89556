/* SPDX-License-Identifier: MIT
 *
 * taskcost run: from the command line to a campaign, and from its end to an exit code. Everything
 * that can be refused is refused before the first round; what is left can only fail cell by cell.
 */
#include "command.h"
#include "options.h"
#include "progress.h"
#include "run_output.h"
#include "version.h"

#include "base/clock.h"
#include "base/parse.h"
#include "harness/campaign.h"
#include "harness/environment.h"
#include "harness/process.h"
#include "harness/reading.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    MODELS,
    TASKS,
    PLACEMENTS,
    PARAM,
    PROFILE,
    ROUNDS,
    TIME,
    ROUND,
    CALLS,
    NO_CALLS,
    SEED,
    OUTPUT,
    INJECT
};
static const struct option_spec specs[] = {
    [MODELS] = {"--models", 'm', true},
    [TASKS] = {"--tasks", 'n', true},
    [PLACEMENTS] = {"--placements", 'p', true},
    [PARAM] = {"--param", 0, true},
    [PROFILE] = {"--profile", 0, true},
    [ROUNDS] = {"--rounds", 0, true},
    [TIME] = {"--time-limit", 0, true},
    [ROUND] = {"--round-limit", 0, true},
    [CALLS] = {"--system-calls", 0, false},
    [NO_CALLS] = {"--no-system-calls", 0, false},
    [SEED] = {"--seed", 0, true},
    [OUTPUT] = {"--output", 'o', true},
    [INJECT] = {"--inject", 0, true}, /* for tests of the suite; the manual tells */
    {NULL, 0, false},
};

#define HOLES_NS (20 * TC_NS_PER_MS)
enum { ROUNDS_MAX = 100000, SECONDS_MAX = 30 * 86400, INJECT_MAX = 1000, EXIT_INTERRUPTED = 130 };

struct choices {
    struct tc_plan_request request;
    uint64_t rounds, time_limit_s, round_limit_s; /* 0: not said */
    enum { AS_PROFILE, COUNTED, UNCOUNTED } system_calls;
    uint64_t seed, inject_percent;
    const char *output; /* NULL: not said */
};

/* Everything a run owns. */
struct session {
    struct choices choices;
    struct tc_topology *topology;
    struct tc_workers workers;
    struct tc_plan plan;
    struct tc_results *results;
    struct progress progress;
    char *output; /* NULL for standard output */
};

/* -- the command line -- */

static int take_names(struct tc_words *names, const char *option, const char *list,
                      struct tc_error *err)
{
    size_t first = names->count;
    tc_words_split(names, list);
    for (size_t i = first; i < names->count; i++)
        if (!*names->items[i])
            return tc_fail(err, -EXIT_USAGE_ERROR, "%s: '%s' holds an empty name", option, list);
    return 0;
}

static int take_option(struct choices *choices, int option, const char *value, struct tc_error *err)
{
    switch (option) {
    case MODELS:
        return take_names(&choices->request.models, "-m", value, err);
    case TASKS:
        return tc_plan_add_tasks(&choices->request, "-n", value, err);
    case PLACEMENTS:
        tc_plan_split_placements(&choices->request.placements, value);
        return 0; /* an empty one is refused with the others that do not exist */
    case PARAM:
        return tc_plan_add_param(&choices->request, value, err);
    case PROFILE:
        choices->request.profile = value;
        return 0;
    case ROUNDS:
        return tc_parse_count(value, "--rounds", 1, ROUNDS_MAX, &choices->rounds, err);
    case TIME:
        return tc_parse_count(value, "--time-limit", 1, SECONDS_MAX, &choices->time_limit_s, err);
    case ROUND:
        return tc_parse_count(value, "--round-limit", 1, SECONDS_MAX, &choices->round_limit_s, err);
    case CALLS:
    case NO_CALLS:
        choices->system_calls = option == CALLS ? COUNTED : UNCOUNTED;
        return 0;
    case SEED:
        return tc_parse_count(value, "--seed", 0, TC_SEED_MAX, &choices->seed, err);
    case INJECT:
        return tc_parse_count(value, "--inject", 1, INJECT_MAX, &choices->inject_percent, err);
    case OUTPUT:
        choices->output = value;
        return *value ? 0
                      : tc_fail(err, -EXIT_USAGE_ERROR,
                                "-o: expected a file, or - for "
                                "standard output");
    default:
        tc_words_add(&choices->request.workloads, value);
        return 0;
    }
}

static uint64_t draw_seed(void)
{
    uint32_t seed;
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = (uint32_t)tc_now_ns();
    return seed;
}

static int read_choices(struct choices *choices, int argc, char **argv)
{
    struct options options = {.command = "run", .argc = argc, .argv = argv, .specs = specs};
    const char *value;
    struct tc_error err;
    choices->request.profile = "default";
    choices->seed = draw_seed();
    for (int option; (option = options_next(&options, &value)) != OPTION_END;) {
        if (option == OPTION_BAD)
            return EXIT_USAGE_ERROR;
        if (take_option(choices, option, value, &err) < 0)
            return usage_error("run", "%s", err.text);
    }
    return EXIT_DONE;
}

/* -- preparing -- */

static void add_warning(void *context, const char *id, const char *cause, const char *remedy)
{
    tc_results_add_warning(context, id, cause, remedy);
}

static void describe_run(struct session *session, int argc, char **argv)
{
    struct tc_results *results = session->results;
    tcj_free(results->environment);
    results->environment = tc_environment_read(session->topology, "");
    tcj_set(results->environment, "holes", tc_environment_holes(HOLES_NS));
    results->profile = strdup(session->choices.request.profile);
    results->version = strdup(TC_VERSION);
    results->commit = strdup(TC_COMMIT);
    results->command = run_command_line(argc, argv);
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

static int prepare(struct session *session, int argc, char **argv)
{
    struct tc_error err;
    struct tc_words folders = {0};
    session->topology = tc_topology_load(&err);
    if (!session->topology)
        return usage_error("run", "%s", err.text);
    tc_workers_folders(&folders, TC_PREFIX "/libexec/taskcost");
    tc_workers_find(&session->workers, &folders);
    tc_words_clear(&folders);
    if (tc_plan_make(&session->plan, &session->choices.request, &session->workers,
                     session->topology, &err) < 0)
        return usage_error("run", "%s", err.text);
    session->results = tc_results_new();
    describe_run(session, argc, argv);
    if (run_open_output(session->choices.output, session->results, &session->output, &err) < 0)
        return usage_error("run", "%s", err.text);
    return EXIT_DONE;
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
static void note_end(struct tc_results *results, uint64_t stolen, uint64_t all)
{
    uint64_t stolen_now, all_now;
    bool known = tc_cpu_ticks("", &stolen_now, &all_now) && all_now > all;
    tcj_set(tcj_get(results->environment, "cpu"), "steal_share",
            known ? tcj_number((double)(stolen_now - stolen) / (double)(all_now - all))
                  : tc_reading_absent());
    tcj_set(results->environment, "after", tc_environment_read_again(""));
    tc_environment_warn(results->environment, add_warning, results); /* each is kept once */
}

static int conclude(struct session *session, const struct tc_campaign *campaign)
{
    size_t failures = print_failures(session, campaign);
    const char *where = session->output ? session->output : "standard output";
    if (tc_interrupt_signal()) {
        fprintf(stderr, "taskcost run: interrupted; what was measured is in %s\n", where);
        return EXIT_INTERRUPTED;
    }
    if (session->output)
        fprintf(stderr, "taskcost run: the results are in %s (stopped by %s)\n", where,
                campaign->stopped_by);
    return failures ? EXIT_CELLS_FAILED : EXIT_DONE;
}

/* -- between -- */

static int measure(struct session *session)
{
    const struct choices *choices = &session->choices;
    uint64_t stolen = 0, all = UINT64_MAX;
    struct tc_error err;
    struct tc_campaign campaign = {
        .plan = &session->plan,
        .topology = session->topology,
        .rules = choose_rules(choices),
        .seed = choices->seed,
        .output = session->output,
        .on_progress = progress_show,
        .context = &session->progress,
    };
    tc_cpu_ticks("", &stolen, &all);
    progress_init(&session->progress);
    int code = tc_campaign_run(&campaign, session->results, &err);
    progress_end(&session->progress);
    note_end(session->results, stolen, all);
    if (code == 0) /* once more, for the steal time and for standard output */
        code = tc_results_save(session->results, session->output ? session->output : "-", &err);
    code = code < 0 ? usage_error("run", "%s", err.text) : conclude(session, &campaign);
    tc_campaign_clear(&campaign);
    return code;
}

static void close_session(struct session *session)
{
    tc_plan_clear(&session->plan);
    tc_plan_request_clear(&session->choices.request);
    tc_workers_clear(&session->workers);
    tc_topology_free(session->topology);
    tc_results_free(session->results);
    free(session->output);
}

static int run(int argc, char **argv)
{
    struct session session = {0};
    int code = read_choices(&session.choices, argc, argv);
    if (code == EXIT_DONE)
        code = prepare(&session, argc, argv);
    if (code == EXIT_DONE) {
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
        "                            then gets the JSON alone, at the end\n"
        "\n"
        "The file is whole at any moment. Ctrl-C ends the run and keeps what was measured; a "
        "second\n"
        "one kills it. Exit codes: 0 done, 1 some cells failed, 2 wrong use, 130 interrupted.\n",
    .run = run,
};
