/* SPDX-License-Identifier: MIT
 *
 * `taskcost compare`: two results, a verdict a row, and an exit code that a script can go by. This
 * file reads the arguments and the files; the verdicts are harness/compare.h, the tables
 * compare_print.c.
 */
#include "command.h"
#include "compare_rerun.h"
#include "compare_view.h"
#include "options.h"

#include "base/parse.h"
#include "base/status.h"

#include <errno.h>
#include <string.h>

enum { MIN_EFFECT, ALPHA, METRIC, MARKDOWN, JSON, RERUN, OUTPUT };
static const struct option_spec specs[] = {
    [MIN_EFFECT] = {"--min-effect", 0, true},
    [ALPHA] = {"--alpha", 0, true},
    [METRIC] = {"--metric", 0, true},
    [MARKDOWN] = {"--markdown", 0, false},
    [JSON] = {"--json", 0, false},
    [RERUN] = {"--rerun", 0, false},
    [OUTPUT] = {"--output", 'o', true},
    {NULL, 0, false},
};

struct request {
    const char *paths[2];
    struct tc_compare_rules rules;
    bool markdown, json, rerun;
    const char *output; /* where NEW goes with the rounds of --rerun, or NULL */
};

/* -- the command line -- */

static int take_option(struct request *request, int option, const char *value, struct tc_error *err)
{
    double percent = 0;
    int code = 0;
    switch (option) {
    case MIN_EFFECT:
        code = tc_parse_number(value, "--min-effect", 0, 1000, &percent, err);
        request->rules.min_effect = percent / 100;
        return code;
    case ALPHA:
        return tc_parse_number(value, "--alpha", 1e-9, 0.5, &request->rules.alpha, err);
    case METRIC:
        tc_words_split(&request->rules.metrics, value);
        return 0;
    case MARKDOWN:
        request->markdown = true;
        return 0;
    case JSON:
        request->json = true;
        return 0;
    case RERUN:
        request->rerun = true;
        return 0;
    case OUTPUT:
        request->output = value;
        return 0;
    default:
        if (request->paths[1])
            return tc_fail(err, -EINVAL, "two result files, BASE and NEW; '%s' is a third", value);
        request->paths[request->paths[0] ? 1 : 0] = value;
        return 0;
    }
}

static int read_request(struct request *request, int argc, char **argv)
{
    struct options options = {.command = argv[0], .argc = argc, .argv = argv, .specs = specs};
    const char *value;
    struct tc_error err;
    for (int option; (option = options_next(&options, &value)) != OPTION_END;) {
        if (option == OPTION_BAD)
            return EXIT_USAGE_ERROR;
        if (take_option(request, option, value, &err) < 0)
            return usage_error(argv[0], "%s", err.text);
    }
    if (!request->paths[1])
        return usage_error(argv[0], "name two result files, BASE and NEW; `taskcost run -o FILE` "
                                    "makes one");
    if (strcmp(request->paths[0], "-") == 0 && strcmp(request->paths[1], "-") == 0)
        return usage_error(argv[0], "only one of BASE and NEW can be standard input (-)");
    if (request->json && request->markdown)
        return usage_error(argv[0], "--json and --markdown exclude each other");
    if (request->output && (!request->rerun || !*request->output))
        return usage_error(argv[0], "-o names the file for the rounds of --rerun");
    return EXIT_DONE;
}

/* -- the files -- */

/* Whether it is a document of another kind or version, and not a damaged one of ours. */
static bool is_other_kind(const tc_json *document)
{
    const char *schema = tcj_text(tcj_get(document, "schema"), NULL);
    int64_t version = 1;
    tcj_read_integer(tcj_get(document, "schema_version"), &version);
    return schema && (strcmp(schema, "taskcost-results") != 0 || version != 1);
}

static int load(const char *command, const char *path, struct tc_results **out)
{
    struct tc_error err;
    tc_json *document = tcj_load(path, &err);
    if (!document)
        return usage_error(command, "%s", err.text);
    int code = EXIT_DONE;
    *out = tc_results_from_json(document, path, &err);
    if (!*out) {
        usage_error(command, "%s", err.text);
        code = is_other_kind(document) ? EXIT_NOT_COMPARABLE : EXIT_USAGE_ERROR;
    }
    tcj_free(document);
    return code;
}

static void add_metrics(struct tc_words *names, const struct tc_results *results)
{
    for (size_t i = 0; i < results->measurement_count; i++)
        tc_words_add_once(names, results->measurements[i].metric);
}

/* Every metric that was asked for has to be in one of the files. */
static int check_metrics(const struct compare_view *view, const char *command)
{
    struct tc_words names = {0};
    char list[400];
    int code = EXIT_DONE;
    add_metrics(&names, view->base);
    add_metrics(&names, view->new);
    tc_words_add(&names, "all");
    for (size_t i = 0; i < view->rules->metrics.count && code == EXIT_DONE; i++)
        if (!tc_words_have(&names, view->rules->metrics.items[i]))
            code = usage_error(command, "--metric: no file has '%s'; there are %s",
                               view->rules->metrics.items[i],
                               tc_words_join(&names, list, sizeof list));
    tc_words_clear(&names);
    return code;
}

/* -- what to exit with -- */

static int conclude(const struct tc_comparison *comparison)
{
    const size_t *changes = comparison->changes;
    if (changes[TC_WORSE] > 0 || comparison->together.change == TC_WORSE)
        return EXIT_WORSE;
    if (changes[TC_BETTER] + changes[TC_SAME] + changes[TC_UNCLEAR] > 0)
        return EXIT_DONE;
    usage_error("compare", "nothing could be judged; the table says why");
    return EXIT_NOT_COMPARABLE;
}

/* Measures what is suspicious once more, and compares anew. */
static int rerun(const struct request *request, struct compare_view *view, struct tc_results *new,
                 struct tc_comparison *comparison)
{
    struct tc_error err;
    int code = compare_rerun(view, new, request->output, &err);
    if (code < 0)
        return usage_error("compare", "%s", err.text);
    tc_comparison_clear(comparison);
    tc_compare(comparison, view->base, new, &request->rules);
    return code;
}

static int tell(const struct request *request, const struct compare_view *view)
{
    if (view->comparison->count == 0) {
        usage_error("compare",
                    "no cell and metric is in both %s and %s; compare runs of the same "
                    "workloads",
                    view->base_path, view->new_path);
        return EXIT_NOT_COMPARABLE;
    }
    if (request->json)
        compare_print_json(view);
    else
        compare_print(view, request->markdown ? TC_MARKDOWN : TC_TERMINAL, tc_output_width(stdout));
    return conclude(view->comparison);
}

static int compare(const struct request *request, struct compare_view *view, struct tc_results *new)
{
    struct tc_comparison comparison;
    int code = EXIT_DONE;
    tc_compare(&comparison, view->base, new, &request->rules);
    view->comparison = &comparison;
    if (request->rerun && comparison.count > 0)
        code = rerun(request, view, new, &comparison);
    if (code == EXIT_DONE)
        code = tell(request, view);
    view->comparison = NULL;
    tc_comparison_clear(&comparison);
    return code;
}

static int run(int argc, char **argv)
{
    struct request request = {.rules = {.min_effect = 0.02, .alpha = 0.05}};
    struct tc_results *base = NULL, *new = NULL;
    int code = read_request(&request, argc, argv);
    if (code == EXIT_DONE)
        code = load(argv[0], request.paths[0], &base);
    if (code == EXIT_DONE)
        code = load(argv[0], request.paths[1], &new);
    struct compare_view view = {
        request.paths[0], request.paths[1], base, new, &request.rules, NULL};
    if (code == EXIT_DONE)
        code = check_metrics(&view, argv[0]);
    if (code == EXIT_DONE)
        code = compare(&request, &view, new);
    tc_results_free(base);
    tc_results_free(new);
    tc_words_clear(&request.rules.metrics);
    return code;
}

const struct command command_compare = {
    .name = "compare",
    .synopsis = "compare BASE NEW [--min-effect PCT] [--rerun] [OPTION...]",
    .summary = "two result files, row by row: better, worse, same or unclear",
    .help =
        "  BASE, NEW           two result files; one may be - for standard input\n"
        "  --min-effect PCT    the least change that counts, in percent (default 2)\n"
        "  --alpha A           the chance that any row of an unchanged program is called better\n"
        "                      or worse (default 0.05)\n"
        "  --metric NAME,...   only these metrics, or all (default: all but what the system\n"
        "                      counts an operation: cpu_time, switches, faults, ...)\n"
        "  --json              one JSON document instead of tables\n"
        "  --markdown          tables for a page instead of a terminal\n"
        "  --rerun             first measure again what is better, worse or noisy, and judge "
        "then;\n"
        "                      on the machine and with the build of NEW\n"
        "  -o, --output FILE   keep NEW with the rounds of --rerun\n"
        "\n"
        "First what differs around the two runs, then a row a cell and metric that both have.\n"
        "Figures are judged on the same machine only: the same host, CPU model, kernel, topology\n"
        "and hypervisor. Between machines the ratios of models are judged: each to the floor, and\n"
        "threads to async. The ratio new : base is taken at the same speed of the machine, which\n"
        "the rounds' speed probes tell.\n"
        "  worse, better   a change beyond --min-effect is shown (Mann-Whitney, Holm over all "
        "rows)\n"
        "  same            the ratio's 95 % interval lies within --min-effect\n"
        "  unclear         neither; more rounds or a quieter machine would tell\n"
        "  not judged      a figure of another machine\n"
        "  not comparable  failed, invalid, or measured with other parameters\n"
        "\n"
        "Exit codes: 0 nothing got worse; 2 wrong use; 3 something got worse; 4 the files cannot\n"
        "be compared: another schema, no common cell, or nothing that can be judged; 130\n"
        "interrupted.\n",
    .run = run,
};
