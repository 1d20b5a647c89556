/* SPDX-License-Identifier: MIT
 *
 * Two environments walked side by side, member by member, down to their readings. What is a
 * machine's identity, and what changes by itself, are two lists of name patterns.
 */
#include "harness/environment_diff.h"

#include "base/status.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 240 };

static const char *const identity[] = {"environment.host",
                                       "environment.cpu.model",
                                       "environment.kernel.release",
                                       "environment.kernel.version",
                                       "environment.kernel.architecture",
                                       "environment.topology.*",
                                       "environment.virtualization.*"};

/* Different at any two moments, or told by other figures (the rounds' own speed and placement). */
static const char *const passing[] = {"environment.load.*",
                                      "environment.driver*",
                                      "environment.clock.cost_ns",
                                      "environment.clock.step_ns",
                                      "environment.memory.available_bytes",
                                      "environment.memory.committed_bytes",
                                      "environment.cpu.frequency_khz*",
                                      "environment.cpu.thermal_throttles",
                                      "environment.holes*",
                                      "environment.after*",
                                      "environment.cpu.steal_share",
                                      "environment.cgroup.throttled_periods",
                                      "environment.placements*",
                                      "environment.topology.file",
                                      "environment.topology.pairs*",
                                      "environment.topology.started_on"};

static bool is_in(const char *const *patterns, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (fnmatch(patterns[i], name, 0) == 0)
            return true;
    return false;
}

/* -- readings as text -- */

static char *copy_text(const char *text)
{
    char *copy = strdup(text);
    MUST(copy);
    return copy;
}

static bool says(const tc_json *value, const char *key)
{
    bool is = false;
    return tcj_read_bool(tcj_get(value, key), &is) && is;
}

/* The members of arrays and what else has no text of its own: as JSON on one line, cut. */
static char *json_text(const tc_json *value)
{
    char *text = NULL;
    size_t size = 0, used = 0;
    FILE *out = open_memstream(&text, &size);
    MUST(out);
    tcj_write(value, out);
    MUST(fclose(out) == 0);
    for (size_t i = 0; i < size; i++)
        if (text[i] != '\n' && !(text[i] == ' ' && used > 0 && text[used - 1] == ' '))
            text[used++] = text[i];
    if (used > TEXT_MAX) {
        for (used = TEXT_MAX - 4; used > 0 && ((unsigned char)text[used] & 0xc0) == 0x80;)
            used--; /* not in the middle of a character */
        memcpy(text + used, "...", 3);
        used += 3;
    }
    text[used] = '\0';
    return text;
}

static char *reading_text(const tc_json *value)
{
    double number;
    char text[32];
    if (tcj_text(value, NULL))
        return copy_text(tcj_text(value, NULL));
    if (says(value, "absent"))
        return copy_text("absent");
    if (says(value, "not_permitted"))
        return copy_text("not permitted");
    if (!tcj_read_number(value, &number))
        return json_text(value);
    snprintf(text, sizeof text, "%.10g", number);
    return copy_text(text);
}

/* -- walking -- */

static void add(struct tc_differences *out, const char *name, char *base, char *new)
{
    if ((out->count & (out->count - 1)) == 0) {
        out->items = realloc(out->items, (out->count ? out->count * 2 : 1) * sizeof *out->items);
        MUST(out->items);
    }
    out->items[out->count++] = (struct tc_difference){copy_text(name), base, new,
                                                      is_in(identity, TC_COUNT_OF(identity), name)};
}

/* An object whose members are readings, and not a reading that says why it has no value. */
static bool is_group(const tc_json *value)
{
    return tcj_is_object(value) && !says(value, "absent") && !says(value, "not_permitted");
}

static void walk(struct tc_differences *out, const char *name, const tc_json *base,
                 const tc_json *new)
{
    char path[400];
    if (!base || !new || tcj_equal(base, new) || is_in(passing, TC_COUNT_OF(passing), name))
        return;
    if (!is_group(base) || !is_group(new)) {
        add(out, name, reading_text(base), reading_text(new));
        return;
    }
    for (void *it = tcj_first(base); it; it = tcj_next(base, it)) {
        int length = snprintf(path, sizeof path, "%s.%s", name, tcj_key(it));
        if (length > 0 && (size_t)length < sizeof path)
            walk(out, path, tcj_value(it), tcj_get(new, tcj_key(it)));
    }
}

static void compare_texts(struct tc_differences *out, const char *name, const char *base,
                          const char *new)
{
    if (base && new &&strcmp(base, new) != 0)
        add(out, name, copy_text(base), copy_text(new));
}

/* What the rounds say of the workers that measured them: the same in all rounds of a file, as a
 * rule, so that the first word on it stands for all. */
static const tc_json *first_observed(const struct tc_results *results, const char *key)
{
    for (size_t i = 0; i < results->measurement_count; i++)
        for (size_t j = 0; j < results->measurements[i].round_count; j++)
            if (tcj_get(results->measurements[i].rounds[j].observed, key))
                return tcj_get(results->measurements[i].rounds[j].observed, key);
    return NULL;
}

static void compare_workers(struct tc_differences *out, const struct tc_results *base,
                            const struct tc_results *new)
{
    static const char *const keys[] = {"build", "compiler", "libc"};
    char name[40];
    for (size_t i = 0; i < TC_COUNT_OF(keys); i++) {
        snprintf(name, sizeof name, "workers.%s", keys[i]);
        walk(out, name, first_observed(base, keys[i]), first_observed(new, keys[i]));
    }
}

static bool knows(const struct tc_results *results)
{
    const tc_json *environment = results->environment;
    return tcj_text(tcj_get(environment, "host"), NULL) &&
           tcj_text(tcj_get(tcj_get(environment, "cpu"), "model"), NULL);
}

void tc_differences_find(struct tc_differences *out, const struct tc_results *base,
                         const struct tc_results *new)
{
    *out = (struct tc_differences){.same_machine = knows(base) && knows(new)};
    compare_texts(out, "run.version", base->version, new->version);
    compare_texts(out, "run.commit", base->commit, new->commit);
    compare_texts(out, "run.profile", base->profile, new->profile);
    walk(out, "run.rules", base->rules, new->rules);
    compare_workers(out, base, new);
    walk(out, "environment", base->environment, new->environment);
    for (size_t i = 0; i < out->count; i++)
        out->same_machine = out->same_machine && !out->items[i].identity;
}

void tc_differences_clear(struct tc_differences *differences)
{
    for (size_t i = 0; i < differences->count; i++) {
        free(differences->items[i].name);
        free(differences->items[i].base);
        free(differences->items[i].new);
    }
    free(differences->items);
    *differences = (struct tc_differences){0};
}
