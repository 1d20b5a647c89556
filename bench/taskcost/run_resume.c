/* SPDX-License-Identifier: MIT
 *
 * Going on with a run: the same plan, seed and rules, on the same machine, by the same build.
 * Anything else would put figures into one cell that do not belong together.
 */
#include "run_resume.h"

#include "version.h"

#include "base/clock.h"
#include "harness/environment_diff.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* -- what was chosen then and now -- */

static const char *option_of(const char *key)
{
    static const struct {
        const char *key, *option;
    } all[] = {{"workloads", "the workloads"},
               {"models", "-m"},
               {"placements", "-p"},
               {"tasks", "-n"},
               {"parameters", "--param"}};
    for (size_t i = 0; i < TC_COUNT_OF(all); i++)
        if (strcmp(all[i].key, key) == 0)
            return all[i].option;
    return key;
}

static int differs(const char *what, const char *path, struct tc_error *err)
{
    return tc_fail(err, -EINVAL,
                   "--resume: %s is not what the run in '%s' was begun with; it goes on as it was "
                   "begun, so leave that out",
                   what, path);
}

static int check_request(const struct choices *choices, const struct tc_results *results,
                         struct tc_error *err)
{
    tc_json *asked = tc_plan_request_to_json(&choices->request);
    int code = 0;
    for (void *it = tcj_first(asked); it && code == 0; it = tcj_next(asked, it))
        if (tcj_size(tcj_value(it)) > 0 &&
            !tcj_equal(tcj_value(it), tcj_get(results->request, tcj_key(it))))
            code = differs(option_of(tcj_key(it)), choices->output, err);
    tcj_free(asked);
    return code;
}

static int check_choices(const struct choices *choices, const struct tc_results *results,
                         const struct tc_rules *rules, struct tc_error *err)
{
    const char *path = choices->output, *profile = choices->request.profile;
    if (profile && strcmp(profile, results->profile) != 0)
        return differs("--profile", path, err);
    if (choices->has_seed && choices->seed != results->seed)
        return differs("--seed", path, err);
    if (choices->rounds &&
        (choices->rounds != rules->rounds_min || choices->rounds != rules->rounds_max))
        return differs("--rounds", path, err);
    if (choices->round_limit_s && choices->round_limit_s * TC_NS_PER_S != rules->round_limit_ns)
        return differs("--round-limit", path, err);
    if (choices->system_calls != AS_PROFILE &&
        (choices->system_calls == COUNTED) != rules->system_calls)
        return differs("--system-calls", path, err);
    if (choices->inject_percent && choices->inject_percent != results->injected_percent)
        return differs("--inject", path, err);
    return check_request(choices, results, err);
}

static int check_origin(const struct tc_results *results, const char *path, struct tc_error *err)
{
    if (!results->request || !results->rules || !results->profile || !tc_rules_of(results->profile))
        return tc_fail(err, -EINVAL,
                       "--resume: '%s' does not record what was asked for, so it cannot go on; "
                       "measure anew into another file",
                       path);
    if (!results->commit || strcmp(results->commit, TC_COMMIT) != 0)
        return tc_fail(err, -EXDEV,
                       "--resume: '%s' was measured by taskcost at commit %s and this is %s; build "
                       "that commit, or measure anew into another file",
                       path, results->commit ? results->commit : "unknown", TC_COMMIT);
    return 0;
}

/* -- taking it over -- */

static void take_over(struct choices *choices, struct tc_rules *rules,
                      const struct tc_results *results)
{
    tc_plan_request_clear(&choices->request);
    tc_plan_request_from_json(&choices->request, results->request);
    choices->request.profile = results->profile;
    choices->seed = results->seed;
    choices->inject_percent = results->injected_percent;
    if (choices->time_limit_s)
        rules->budget_ns = rules->time_limit_ns =
            results->elapsed_ms * TC_NS_PER_MS + choices->time_limit_s * TC_NS_PER_S;
}

struct tc_results *run_load_resumed(struct choices *choices, struct tc_rules *rules,
                                    struct tc_error *err)
{
    struct tc_results *results = tc_results_load(choices->output, err);
    if (!results)
        return NULL;
    int code = check_origin(results, choices->output, err);
    if (code == 0) {
        *rules = tc_rules_from_json(results->rules, results->profile);
        code = check_choices(choices, results, rules, err);
    }
    if (code < 0) {
        tc_results_free(results);
        return NULL;
    }
    take_over(choices, rules, results);
    return results;
}

const char *run_is_finished(const struct tc_results *results, const struct tc_rules *rules,
                            bool has_new_limit)
{
    const char *by = results->stopped_by ? results->stopped_by : "";
    uint64_t elapsed_ns = results->elapsed_ms * TC_NS_PER_MS;
    bool spent =
        strcmp(by, "time") == 0 || (rules->time_limit_ns && elapsed_ns >= rules->time_limit_ns);
    if (strcmp(by, "rounds") == 0 || strcmp(by, "precision") == 0)
        return "nothing to do: every cell has its rounds";
    return spent && !has_new_limit ? "nothing to do: the run has spent its time; --time-limit S "
                                     "gives it S seconds more"
                                   : NULL;
}

/* -- the machine -- */

int run_check_machine(const struct tc_results *results, tc_json *now, struct tc_error *err)
{
    struct tc_results here = {.environment = now};
    struct tc_differences differences;
    int code = 0;
    tc_differences_find(&differences, results, &here);
    for (size_t i = 0; i < differences.count && code == 0; i++) {
        const struct tc_difference *item = &differences.items[i];
        if (item->identity || strcmp(item->name, "environment.build") == 0)
            code = tc_fail(err, -EXDEV,
                           "--resume: %s is '%s' and was '%s' when the run was begun, and figures "
                           "of two machines do not belong together; measure anew into another file",
                           item->name, item->new, item->base);
    }
    tc_differences_clear(&differences);
    return code;
}
