/* SPDX-License-Identifier: MIT
 *
 * The command line of `taskcost run`, option by option. What depends on the machine (names of
 * workloads, placements) is refused later, by the plan.
 */
#include "run_choices.h"

#include "command.h"
#include "options.h"

#include "base/parse.h"

#include <string.h>

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
    RESUME,
    OVERWRITE,
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
    [RESUME] = {"--resume", 0, false},
    [OVERWRITE] = {"--overwrite", 0, false},
    [INJECT] = {"--inject", 0, true}, /* for tests of the suite; the manual tells */
    {NULL, 0, false},
};

enum { ROUNDS_MAX = 100000, SECONDS_MAX = 30 * 86400, INJECT_MAX = 1000 };

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
        choices->has_seed = true;
        return tc_parse_count(value, "--seed", 0, TC_SEED_MAX, &choices->seed, err);
    case RESUME:
        choices->resume = true;
        return 0;
    case OVERWRITE:
        choices->overwrite = true;
        return 0;
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

int run_read_choices(struct choices *choices, int argc, char **argv)
{
    struct options options = {.command = "run", .argc = argc, .argv = argv, .specs = specs};
    const char *value;
    struct tc_error err;
    for (int option; (option = options_next(&options, &value)) != OPTION_END;) {
        if (option == OPTION_BAD)
            return EXIT_USAGE_ERROR;
        if (take_option(choices, option, value, &err) < 0)
            return usage_error("run", "%s", err.text);
    }
    if (choices->resume && (!choices->output || strcmp(choices->output, "-") == 0))
        return usage_error("run", "--resume: name the file of the run that is to go on, with -o");
    if (choices->resume && choices->overwrite)
        return usage_error("run", "--resume goes on with a file and --overwrite replaces it; "
                                  "choose one of the two");
    return EXIT_DONE;
}
