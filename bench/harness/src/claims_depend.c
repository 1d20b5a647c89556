/* SPDX-License-Identifier: MIT
 *
 * What a claim depends on: the property of the cells that tells those where it holds from those
 * where it fails.
 *
 * Each property is tried by itself, in the order of `properties` and then the parameters by name: a
 * number separates when all that hold lie on one side of all that fail, a word when all cells with
 * it agree. Where a number separates, the point where the claim flips is interpolated within each
 * row of cells that differ in it alone. Failing that, each value of one property may be explained
 * by another. Deeper trees are left out: nobody reads them.
 */
#include "harness/claims.h"

#include "base/parse.h"
#include "harness/format.h"
#include "harness/words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cases of a claim; borrowed. */
struct subset {
    const struct tc_case **items;
    size_t count;
};

static const char *const properties[] = {"placement", "tasks", "workload"};

static struct subset new_subset(size_t count)
{
    struct subset subset = {.items = calloc(count + 1, sizeof *subset.items)};
    MUST(subset.items);
    return subset;
}

/* -- properties -- */

static const char *value_of(const struct tc_case *item, const char *property, char *text,
                            size_t size)
{
    const struct tc_cell *cell = &item->over->cell;
    if (strcmp(property, "tasks") == 0)
        return tc_format_count(cell->tasks, text, size);
    const char *value = strcmp(property, "placement") == 0  ? cell->placement
                        : strcmp(property, "workload") == 0 ? cell->workload
                                                            : tc_cell_param(cell, property);
    snprintf(text, size, "%s", value ? value : "-");
    return text;
}

/* NaN for what is a word. */
static double number_of(const struct tc_case *item, const char *property)
{
    const struct tc_cell *cell = &item->over->cell;
    const char *value = tc_cell_param(cell, property);
    uint64_t number;
    if (strcmp(property, "tasks") == 0)
        return (double)cell->tasks;
    if (value && tc_parse_duration(value, property, UINT64_MAX, &number, NULL) == 0)
        return (double)number;
    if (value && tc_parse_bytes(value, property, UINT64_MAX, &number, NULL) == 0)
        return (double)number;
    return NAN;
}

static bool equal_in(const struct tc_case *a, const struct tc_case *b, const char *property)
{
    char left[128], right[128];
    return strcmp(value_of(a, property, left, sizeof left),
                  value_of(b, property, right, sizeof right)) == 0;
}

static void all_properties(const struct tc_claim *claim, struct tc_words *names)
{
    for (size_t i = 0; i < TC_COUNT_OF(properties); i++)
        tc_words_add(names, properties[i]);
    for (size_t i = 0; i < claim->case_count; i++) {
        const struct tc_cell *cell = &claim->cases[i].over->cell;
        for (size_t p = 0; p < cell->param_count; p++)
            if (!cell->params[p].reported)
                tc_words_add_once(names, cell->params[p].name);
    }
}

static bool agree(const struct subset *subset)
{
    for (size_t i = 1; i < subset->count; i++)
        if (subset->items[i]->outcome != subset->items[0]->outcome)
            return false;
    return true;
}

static struct subset with_value(const struct subset *from, const char *property, const char *value)
{
    struct subset subset = new_subset(from->count);
    char text[128];
    for (size_t i = 0; i < from->count; i++)
        if (strcmp(value_of(from->items[i], property, text, sizeof text), value) == 0)
            subset.items[subset.count++] = from->items[i];
    return subset;
}

static void values_in(const struct subset *subset, const char *property, struct tc_words *values)
{
    char text[128];
    for (size_t i = 0; i < subset->count; i++)
        tc_words_add_once(values, value_of(subset->items[i], property, text, sizeof text));
}

/* -- where it flips -- */

/* Whether both differ in `property` and in nothing else. */
static bool in_one_row(const struct tc_case *a, const struct tc_case *b, const char *property,
                       const struct tc_words *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (equal_in(a, b, names->items[i]) == (strcmp(names->items[i], property) == 0))
            return false;
    return true;
}

/* The nearest case of the row beyond which the claim has flipped; NULL when there is none. */
static const struct tc_case *across(const struct subset *subset, const struct tc_case *from,
                                    const char *property, const struct tc_words *names)
{
    const struct tc_case *best = NULL;
    double at = number_of(from, property);
    for (size_t i = 0; i < subset->count; i++) {
        const struct tc_case *item = subset->items[i];
        if (item->outcome == from->outcome || !in_one_row(from, item, property, names))
            continue;
        if (!best || fabs(number_of(item, property) - at) < fabs(number_of(best, property) - at))
            best = item;
    }
    return best;
}

static double flip_between(const struct tc_claim *claim, const struct tc_case *holds,
                           const struct tc_case *fails, const char *property)
{
    double a = number_of(holds, property), b = number_of(fails, property);
    double from = holds->effect.value, to = fails->effect.value;
    double bound = to > claim->accepted.high ? claim->accepted.high : claim->accepted.low;
    bool in_logs = from > 0 && to > 0 && bound > 0;
    double share = in_logs ? log(bound / from) / log(to / from) : (bound - from) / (to - from);
    share = fmin(fmax(share, 0), 1);
    return a > 0 && b > 0 ? exp(log(a) + share * (log(b) - log(a))) : a + share * (b - a);
}

static const char *number_text(double number, const char *property, char *text, size_t size)
{
    bool tasks = strcmp(property, "tasks") == 0;
    double step = pow(10, floor(log10(fmax(number, 1))) - 1); /* two digits: it is interpolated */
    const char *unit = tasks ? "count" : strcmp(property, "stack") == 0 ? "B" : "ns";
    return tc_format_quantity(tasks ? round(number / step) * step : number, unit, text, size);
}

/* Appends the flip point, or the range of them over the rows. */
static void add_flip(const struct tc_claim *claim, const struct subset *subset,
                     const char *property, const struct tc_words *names, char *text, size_t size)
{
    double least = INFINITY, most = -INFINITY;
    char low[64], high[64];
    for (size_t i = 0; i < subset->count; i++) {
        const struct tc_case *item = subset->items[i];
        const struct tc_case *other = across(subset, item, property, names);
        if (item->outcome < 0 || !other)
            continue;
        double flip = flip_between(claim, item, other, property);
        least = fmin(least, flip);
        most = fmax(most, flip);
    }
    size_t used = strlen(text);
    if (!isfinite(least) || used >= size)
        return;
    number_text(least, property, low, sizeof low);
    number_text(most, property, high, sizeof high);
    if (strcmp(low, high) == 0)
        snprintf(text + used, size - used, ", flips at about %s", low);
    else
        snprintf(text + used, size - used, ", flips between %s and %s", low, high);
}

/* -- by one property -- */

static bool by_number(const struct tc_claim *claim, const struct subset *subset,
                      const char *property, const struct tc_words *names, char *text, size_t size)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY}; /* fails, holds */
    char up_to[64], from[64];
    for (size_t i = 0; i < subset->count; i++) {
        double number = number_of(subset->items[i], property);
        int side = subset->items[i]->outcome > 0;
        if (isnan(number))
            return false;
        low[side] = fmin(low[side], number);
        high[side] = fmax(high[side], number);
    }
    int first = high[1] < low[0]; /* which comes first: 1 where it holds for the small ones */
    if (high[first] >= low[!first])
        return false;
    snprintf(text, size,
             first ? "holds up to %s, fails from %s on" : "fails up to %s, holds from %s on",
             number_text(high[first], property, up_to, sizeof up_to),
             number_text(low[!first], property, from, sizeof from));
    add_flip(claim, subset, property, names, text, size);
    return true;
}

static bool by_word(const struct subset *subset, const char *property, char *text, size_t size)
{
    struct tc_words values = {0}, sides[2] = {{0}, {0}};
    char fails[200], holds[200];
    bool separates = true;
    values_in(subset, property, &values);
    for (size_t i = 0; i < values.count; i++) {
        struct subset part = with_value(subset, property, values.items[i]);
        separates = separates && agree(&part);
        tc_words_add(&sides[part.items[0]->outcome > 0], values.items[i]);
        free(part.items);
    }
    if (separates)
        snprintf(text, size, "holds with %s, fails with %s",
                 tc_words_join(&sides[1], holds, sizeof holds),
                 tc_words_join(&sides[0], fails, sizeof fails));
    tc_words_clear(&values);
    tc_words_clear(&sides[0]);
    tc_words_clear(&sides[1]);
    return separates;
}

static bool by_property(const struct tc_claim *claim, const struct subset *subset,
                        const char *property, const struct tc_words *names, char *text, size_t size)
{
    /* Words only: a number that holds here and there in no order explains nothing. */
    if (isnan(number_of(subset->items[0], property)))
        return by_word(subset, property, text, size);
    return by_number(claim, subset, property, names, text, size);
}

/* The first property that separates: "tasks: holds up to 100, ...". */
static bool by_one(const struct tc_claim *claim, const struct subset *subset,
                   const struct tc_words *names, char *text, size_t size)
{
    char how[400];
    for (size_t i = 0; i < names->count; i++) {
        if (!by_property(claim, subset, names->items[i], names, how, sizeof how))
            continue;
        snprintf(text, size, "%s: %s", names->items[i], how);
        return true;
    }
    return false;
}

/* -- by two -- */

/* "holds in 11 of 12 cells, not in switch-pipe threads one-core n=2"; a few exceptions are named.
 */
static void only_count(const struct subset *subset, char *text, size_t size)
{
    enum { NAMED = 3 };
    size_t holds = 0;
    char cell[200];
    for (size_t i = 0; i < subset->count; i++)
        holds += subset->items[i]->outcome > 0;
    size_t fails = subset->count - holds;
    int rare = holds < fails ? 1 : -1;
    size_t used = (size_t)snprintf(text, size, "holds in %zu of %zu cells", holds, subset->count);
    for (size_t i = 0, named = 0; i < subset->count && (rare > 0 ? holds : fails) <= NAMED; i++) {
        if (subset->items[i]->outcome != rare || used >= size)
            continue;
        const char *word = named++ ? ";" : rare > 0 ? ", in" : ", not in";
        used +=
            (size_t)snprintf(text + used, size - used, "%s %s", word,
                             tc_cell_describe(&subset->items[i]->over->cell, cell, sizeof cell));
    }
}

/* "placement and more: with one-core: holds; with free: tasks: fails up to 100, ..."; returns how
 * many cases that explains. */
static size_t within_each(const struct tc_claim *claim, const struct subset *subset,
                          const char *property, const struct tc_words *names, char *text,
                          size_t size)
{
    struct tc_words values = {0};
    size_t explained = 0, used = (size_t)snprintf(text, size, "%s and more: ", property);
    values_in(subset, property, &values);
    for (size_t i = 0; i < values.count && used < size; i++) {
        struct subset part = with_value(subset, property, values.items[i]);
        char how[400];
        if (agree(&part))
            snprintf(how, sizeof how, "%s", part.items[0]->outcome > 0 ? "holds" : "fails");
        if (agree(&part) || by_one(claim, &part, names, how, sizeof how))
            explained += part.count;
        else
            only_count(&part, how, sizeof how);
        used += (size_t)snprintf(text + used, size - used, "%swith %s: %s", i ? "; " : "",
                                 values.items[i], how);
        free(part.items);
    }
    if (values.count < 2 || used >= size || isfinite(number_of(subset->items[0], property)))
        explained = 0;
    tc_words_clear(&values);
    return explained;
}

/* The property that explains most cases together with others; else how many hold. */
static void by_two(const struct tc_claim *claim, const struct subset *subset,
                   const struct tc_words *names, char *text, size_t size)
{
    char how[700];
    size_t most = 0;
    snprintf(text, size, "several things at once: ");
    only_count(subset, text + strlen(text), size - strlen(text));
    for (size_t i = 0; i < names->count; i++) {
        size_t explained = within_each(claim, subset, names->items[i], names, how, sizeof how);
        if (explained > most && strlen(how) < size) {
            most = explained;
            memcpy(text, how, strlen(how) + 1);
        }
    }
}

void tc_claim_explain(const struct tc_claim *claim, char *text, size_t size)
{
    struct subset decided = new_subset(claim->case_count);
    struct tc_words names = {0};
    for (size_t i = 0; i < claim->case_count; i++)
        if (claim->cases[i].outcome != 0)
            decided.items[decided.count++] = &claim->cases[i];
    all_properties(claim, &names);
    if (!by_one(claim, &decided, &names, text, size))
        by_two(claim, &decided, &names, text, size);
    tc_words_clear(&names);
    free(decided.items);
}
