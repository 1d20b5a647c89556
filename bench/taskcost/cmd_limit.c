/* SPDX-License-Identifier: MIT
 *
 * taskcost limit: the most tasks that each model can hold. Each cell is asked twice: a short round
 * tells what would stop it and how many there will be, which is printed before the second finds
 * out. The second are an ordinary run of the workload `limit`, one round a cell, with an ordinary
 * document.
 */
#include "command.h"
#include "limit_parts.h"
#include "options.h"
#include "progress.h"
#include "run_output.h"
#include "show.h"
#include "version.h"

#include "base/clock.h"
#include "harness/campaign.h"
#include "harness/environment.h"
#include "harness/lock.h"
#include "harness/process.h"

#include <stdlib.h>
#include <string.h>

enum { MODELS, TASKS, STACK, APPLY, RAISE, RESTORE, OUTPUT };
static const struct option_spec specs[] = {
    [MODELS] = {"--models", 'm', true},     [TASKS] = {"--tasks", 'n', true},
    [STACK] = {"--stack", 0, true},         [APPLY] = {"--raise-limits=apply", 0, false},
    [RAISE] = {"--raise-limits", 0, false}, [RESTORE] = {"--restore", 0, false},
    [OUTPUT] = {"--output", 'o', true},     {NULL, 0, false},
};

struct session {
    struct tc_plan_request request;
    enum { MEASURE, SHOW_RAISE, MEASURE_RAISED, PUT_BACK } action;
    const char *wanted; /* -o */
    struct tc_topology *topology;
    struct tc_workers workers;
    struct tc_plan plan;
    struct tc_results *results;
    struct progress progress;
    struct tc_lock lock;
    char *output; /* NULL for standard output */
};

/* -- the command line -- */

static int take_stacks(struct tc_plan_request *request, const char *list, struct tc_error *err)
{
    char text[512];
    if (strlen(list) >= sizeof text - sizeof "stack=")
        return tc_fail(err, -EXIT_USAGE_ERROR, "--stack: the list is too long");
    snprintf(text, sizeof text, "stack=%s", list);
    return tc_plan_add_param(request, text, err);
}

static int take_option(struct session *session, int option, const char *value, struct tc_error *err)
{
    switch (option) {
    case MODELS:
        tc_words_split(&session->request.models, value);
        return 0; /* an empty one is refused with the others that do not exist */
    case TASKS:
        return tc_plan_add_tasks(&session->request, "-n", value, err);
    case STACK:
        return take_stacks(&session->request, value, err);
    case APPLY:
        session->action = MEASURE_RAISED;
        return 0;
    case RAISE:
        session->action = SHOW_RAISE;
        return 0;
    case RESTORE:
        session->action = PUT_BACK;
        return 0;
    case OUTPUT:
        session->wanted = value;
        return *value ? 0
                      : tc_fail(err, -EXIT_USAGE_ERROR,
                                "-o: expected a file, or - for standard output");
    default:
        return tc_fail(err, -EXIT_USAGE_ERROR, "it takes options only, not '%s'", value);
    }
}

static int read_choices(struct session *session, int argc, char **argv)
{
    struct options options = {.command = "limit", .argc = argc, .argv = argv, .specs = specs};
    const char *value;
    struct tc_error err;
    for (int option; (option = options_next(&options, &value)) != OPTION_END;) {
        if (option == OPTION_BAD)
            return EXIT_USAGE_ERROR;
        if (take_option(session, option, value, &err) < 0)
            return usage_error("limit", "%s", err.text);
    }
    session->request.profile = "full";
    tc_words_add(&session->request.workloads, "limit");
    tc_words_add(&session->request.placements, "free");
    return EXIT_DONE;
}

/* -- preparing -- */

static void add_warning(void *context, const char *id, const char *cause, const char *remedy)
{
    tc_results_add_warning(context, id, cause, remedy);
}

static void describe(struct session *session, int argc, char **argv)
{
    struct tc_results *results = session->results = tc_results_new();
    tcj_free(results->environment);
    results->environment = tc_environment_read(session->topology, "");
    results->profile = strdup(session->request.profile);
    results->version = strdup(TC_VERSION);
    results->commit = strdup(TC_COMMIT);
    results->command = run_command_line(argc, argv);
    results->request = tc_plan_request_to_json(&session->request);
    MUST(results->profile && results->version && results->commit);
    run_stamp(results);
    tc_environment_warn(results->environment, add_warning, results);
}

static int prepare(struct session *session, int argc, char **argv)
{
    struct tc_error err;
    struct tc_words folders = {0};
    session->topology = tc_topology_load(&err);
    if (!session->topology)
        return usage_error("limit", "%s", err.text);
    tc_workers_folders(&folders, TC_PREFIX "/libexec/taskcost");
    tc_workers_find(&session->workers, &folders);
    tc_words_clear(&folders);
    if (tc_plan_make(&session->plan, &session->request, &session->workers, session->topology,
                     &err) < 0)
        return usage_error("limit", "%s", err.text);
    describe(session, argc, argv);
    int code = run_choose_output(session->wanted, session->results, &session->output, &err);
    if (code == 0 && session->output)
        code = tc_lock_take(&session->lock, session->output, &err);
    if (code == 0 && session->output)
        code = run_check_vacant(session->output, &err);
    return code < 0 ? usage_error("limit", "%s", err.text) : EXIT_DONE;
}

/* Standard output is for tables, unless the document goes there. */
static FILE *table_stream(const struct session *session)
{
    return session->output ? stdout : stderr;
}

/* -- finding out -- */

static size_t print_failures(const struct session *session, const struct tc_campaign *campaign)
{
    size_t failures = 0;
    char cell[300];
    for (size_t i = 0; i < session->plan.count; i++) {
        if (campaign->cells[i].status != TC_FAILED)
            continue;
        fprintf(stderr, "taskcost limit: failed: %s: %s\n",
                tc_cell_describe(&session->plan.cells[i].cell, cell, sizeof cell),
                campaign->cells[i].reason);
        failures++;
    }
    return failures;
}

static int find_out(struct session *session)
{
    struct tc_error err;
    struct tc_rules rules = *tc_rules_of(session->request.profile);
    rules.rounds_min = rules.rounds_max = 1;
    rules.precision = rules.system_calls = false;
    rules.round_limit_ns = LIMIT_ROUND_NS;
    struct tc_campaign campaign = {.plan = &session->plan,
                                   .topology = session->topology,
                                   .rules = rules,
                                   .output = session->output,
                                   .on_progress = progress_show,
                                   .context = &session->progress};
    progress_init(&session->progress);
    session->progress.command = "limit";
    int code = tc_campaign_run(&campaign, session->results, &err);
    progress_end(&session->progress);
    struct show show = {.results = session->results,
                        .out = table_stream(session),
                        .style = TC_TERMINAL,
                        .width = tc_output_width(table_stream(session))};
    show_limit(&show);
    if (code == 0 && !session->output)
        code = tc_results_save(session->results, "-", &err);
    size_t failures = print_failures(session, &campaign);
    tc_campaign_clear(&campaign);
    if (code < 0)
        return usage_error("limit", "%s", err.text);
    if (session->output)
        fprintf(stderr, "taskcost limit: the results are in %s\n", session->output);
    return failures ? EXIT_CELLS_FAILED : EXIT_DONE;
}

static int measure(struct session *session)
{
    struct tc_raises raises = {0};
    bool raised = session->action == MEASURE_RAISED;
    tc_interrupt_watch();
    if (raised) {
        int code = limit_raise_apply(&raises);
        if (code != EXIT_DONE)
            return code;
    }
    limit_print_predictions(&session->plan, table_stream(session));
    int code = tc_interrupt_signal() ? EXIT_DONE : find_out(session);
    if (raised) { /* whatever has happened */
        int undone = limit_raise_undo(&raises);
        code = undone != EXIT_DONE ? undone : code;
    }
    if (!tc_interrupt_signal())
        return code;
    fprintf(stderr, "taskcost limit: interrupted\n");
    return EXIT_INTERRUPTED;
}

static void close_session(struct session *session)
{
    tc_plan_clear(&session->plan);
    tc_plan_request_clear(&session->request);
    tc_workers_clear(&session->workers);
    tc_topology_free(session->topology);
    tc_results_free(session->results);
    tc_lock_release(&session->lock);
    free(session->output);
}

static int run(int argc, char **argv)
{
    struct session session = {.lock.fd = -1};
    int code = read_choices(&session, argc, argv);
    if (code == EXIT_DONE && session.action == SHOW_RAISE)
        code = limit_raise_show();
    else if (code == EXIT_DONE && session.action == PUT_BACK)
        code = limit_raise_undo(NULL);
    else if (code == EXIT_DONE && (code = prepare(&session, argc, argv)) == EXIT_DONE)
        code = measure(&session);
    close_session(&session);
    return code;
}

const struct command command_limit = {
    .name = "limit",
    .synopsis =
        "limit [-m MODEL,...] [-n N] [--stack SIZE,...] [--raise-limits[=apply]] [OPTION...]",
    .summary = "the most tasks each model can hold, and what stops more",
    .help =
        "  -m, --models MODEL,...  only these (default: all that were found)\n"
        "  -n, --tasks N           not more than so many (default: a billion)\n"
        "      --stack SIZE,...    stack sizes of threads (default: default, RLIMIT_STACK)\n"
        "      --raise-limits      say which limits could be raised, and to what; measure nothing\n"
        "      --raise-limits=apply\n"
        "                          raise them while it measures, and put every value back\n"
        "      --restore           put back what a run that was killed has left raised\n"
        "  -o, --output FILE       default results/DATE-HOST.json; - is standard output, which\n"
        "                          then gets the JSON alone, at the end\n"
        "\n"
        "Before, a pilot of each model tells what a task takes, which limit it will meet and how\n"
        "many there will be; then idle tasks are spawned until one is refused or memory would\n"
        "run short: a sixteenth of it stays free. While threads meet a limit of the machine\n"
        "nobody else can start a process, for a second or so.\n"
        "\n"
        "Exit codes: 0 done, 1 some cells failed, 2 wrong use, 130 interrupted.\n",
    .run = run,
};
