/* SPDX-License-Identifier: MIT
 *
 * How `taskcost show` tells of doubtful figures: a sign after each, and below the tables every
 * cause once, with how many figures it concerns and where it was worst.
 */
#include "show.h"

#include "base/status.h"

#include <stdlib.h>
#include <string.h>

/* Of all reasons "CAUSE: HOW MUCH" with the same cause. */
struct group {
    const char *cause; /* up to the colon; borrowed from the first of them */
    size_t length;
    size_t figures;
    const char *worst; /* how much, where the number is largest */
};

const char *quality_sign(const struct tc_measurement *measurement)
{
    static const char *const signs[] = {
        [TC_UNJUDGED] = "", [TC_GOOD] = "", [TC_NOISY] = "\xc2\xa0?", [TC_INVALID] = "\xc2\xa0!"};
    return signs[measurement->quality.verdict];
}

/* Counters share the conditions of their cell's values, which stand for them. */
static bool is_told(const struct tc_measurement *m)
{
    return m->quality.verdict != TC_UNJUDGED && (is_value(m) || is_memory(m));
}

static struct group *group_for(struct group **groups, size_t *count, const char *reason)
{
    size_t length = strcspn(reason, ":");
    for (size_t i = 0; i < *count; i++)
        if ((*groups)[i].length == length && memcmp((*groups)[i].cause, reason, length) == 0)
            return &(*groups)[i];
    *groups = realloc(*groups, (*count + 1) * sizeof **groups);
    MUST(*groups);
    struct group *added = &(*groups)[(*count)++];
    *added = (struct group){.cause = reason, .length = length, .worst = reason + length};
    return added;
}

static double number_at(const char *text)
{
    return strtod(text + strspn(text, ": "), NULL);
}

static void add_reasons(struct group **groups, size_t *count, const struct tc_measurement *m)
{
    for (size_t i = 0; i < m->quality.reasons.count; i++) {
        const char *reason = m->quality.reasons.items[i];
        struct group *group = group_for(groups, count, reason);
        const char *how_much = reason + group->length;
        group->figures++;
        if (number_at(how_much) > number_at(group->worst))
            group->worst = how_much;
    }
}

static int by_figures(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    return (x->figures < y->figures) - (x->figures > y->figures);
}

static void print_group(const struct show *show, const struct group *group)
{
    char text[600], count[32];
    const char *worst = group->worst + strspn(group->worst, ": ");
    snprintf(text, sizeof text, "- %s figure%s: %.*s%s%s",
             tc_format_count(group->figures, count, sizeof count), group->figures == 1 ? "" : "s",
             (int)group->length, group->cause,
             !*worst               ? ""
             : group->figures == 1 ? ", "
                                   : ", at most ",
             worst);
    tc_print_wrapped(show->out, text, show->style, show->width, 2);
}

static void print_groups(const struct show *show, struct group *groups, size_t count)
{
    if (count > 1)
        qsort(groups, count, sizeof *groups, by_figures);
    for (size_t i = 0; i < count; i++)
        print_group(show, &groups[i]);
}

void show_quality(const struct show *show)
{
    struct group *groups = NULL;
    size_t count = 0, verdicts[TC_INVALID + 1] = {0};
    for (size_t i = 0; i < show->results->measurement_count; i++) {
        const struct tc_measurement *m = &show->results->measurements[i];
        if (!is_told(m))
            continue;
        verdicts[m->quality.verdict]++;
        add_reasons(&groups, &count, m);
    }
    if (count > 0) {
        char note[300];
        snprintf(note, sizeof note,
                 "%zu figures are ok, %zu noisy (?): they may be right, but this file does not "
                 "show it, %zu invalid (!): something interfered that no number of rounds averages "
                 "out",
                 verdicts[TC_GOOD], verdicts[TC_NOISY], verdicts[TC_INVALID]);
        print_heading(show, "quality", NULL, note);
        print_groups(show, groups, count);
    }
    free(groups);
}
