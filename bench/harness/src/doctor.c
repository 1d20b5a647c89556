/* SPDX-License-Identifier: MIT
 *
 * The doctor's rounds: finds each check's reading in the environment, asks its judge, and fills the
 * value as it is now into the commands.
 */
#include "harness/doctor.h"

#include "doctor_checks.h"

#include "harness/environment.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* -- values in words -- */

static bool is_known(const tc_json *value)
{
    return value && !tcj_is_null(value) && !tcj_get(value, "absent") &&
           !tcj_get(value, "not_permitted");
}

/* A reading as a person would type it: what stands for "{}". */
static void describe(const tc_json *value, char *text, size_t size)
{
    bool truth;
    double number;
    if (tcj_read_bool(value, &truth))
        snprintf(text, size, "%s", truth ? "yes" : "no");
    else if (tcj_read_number(value, &number))
        snprintf(text, size, number == floor(number) ? "%.0f" : "%.4g", number);
    else if (tcj_get(value, "hard"))
        describe(tcj_get(value, "hard"), text, size);
    else
        snprintf(text, size, "%s", *tcj_text(value, "") ? tcj_text(value, "") : "none");
}

/* The pattern with the value in the place of each "{}"; null for NULL. */
static tc_json *filled(const char *pattern, const char *value)
{
    char *text = NULL;
    size_t size;
    if (!pattern)
        return tcj_null();
    FILE *out = open_memstream(&text, &size);
    MUST(out);
    for (const char *mark; (mark = strstr(pattern, "{}")); pattern = mark + 2)
        fprintf(out, "%.*s%s", (int)(mark - pattern), pattern, value);
    fputs(pattern, out);
    MUST(fclose(out) == 0);
    tc_json *string = tcj_string(text);
    free(text);
    return string;
}

/* No one command puts back what differs from CPU to CPU. */
static tc_json *way_back(const char *pattern, const char *value)
{
    char text[300];
    if (!pattern || !strstr(pattern, "{}") || !strstr(value, ", "))
        return filled(pattern, value);
    snprintf(text, sizeof text, "by hand, CPU by CPU: they differ now (%s)", value);
    return tcj_string(text);
}

/* -- judging -- */

/* The cause of one warning of the run's own. */
struct search {
    const char *id;
    char cause[300];
};

static void note_warning(void *context, const char *id, const char *cause, const char *remedy)
{
    struct search *search = context;
    (void)remedy;
    if (strcmp(id, search->id) == 0)
        snprintf(search->cause, sizeof search->cause, "%s", cause);
}

/* Why the value is bad, or null. */
static tc_json *judge(const struct tc_check *check, const tc_json *value, const char *words,
                      const tc_json *environment)
{
    struct search search = {.id = check->warning};
    if (check->warning)
        tc_environment_warn(environment, note_warning, &search);
    if (*search.cause)
        return tcj_string(search.cause);
    return check->is_bad && check->is_bad(value, environment) ? filled(check->why, words)
                                                              : tcj_null();
}

static tc_json *examine(const struct tc_check *check, const tc_json *environment)
{
    const tc_json *part = check->part ? tcj_get(environment, check->part) : environment;
    const tc_json *value = tcj_get(part, check->key);
    char words[200] = "";
    bool known = is_known(value);
    tc_json *out = tcj_object();
    if (known)
        (check->describe ? check->describe : describe)(value, words, sizeof words);
    tc_json *why = known ? judge(check, value, words, environment) : tcj_null();
    bool bad = !tcj_is_null(why);
    tcj_set(out, "id", tcj_string(check->id));
    tcj_set(out, "value", known ? tcj_string(words) : tcj_null());
    tcj_set(out, "verdict", tcj_string(bad ? "warn" : known ? "ok" : "unknown"));
    tcj_set(out, "meaning", tcj_string(check->meaning));
    if (bad) {
        tcj_set(out, "change", filled(check->change, words));
        tcj_set(out, "undo", way_back(check->undo, words));
        tcj_set(out, "why", why);
    } else {
        tcj_free(why);
    }
    return out;
}

tc_json *tc_doctor_examine(const tc_json *environment)
{
    tc_json *out = tcj_array();
    const struct tc_check *check;
    for (size_t i = 0; (check = tc__check(i)); i++)
        tcj_append(out, examine(check, environment));
    return out;
}
