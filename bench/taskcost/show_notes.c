/* SPDX-License-Identifier: MIT
 *
 * What stands below the tables of `taskcost show`: the warnings with their remedies, and every cell
 * or metric that was not measured with its reason.
 */
#include "show.h"

#include "base/status.h"

#include <string.h>

static void print_item(const struct show *show, const char *text)
{
    char line[2048];
    snprintf(line, sizeof line, "- %s", text);
    tc_print_wrapped(show->out, line, show->style, show->width, 2);
}

static void show_warnings(const struct show *show)
{
    const struct tc_results *results = show->results;
    if (results->warning_count > 0)
        print_heading(show, "warnings", NULL, NULL);
    for (size_t i = 0; i < results->warning_count; i++) {
        const struct tc_warning *warning = &results->warnings[i];
        char text[2000];
        snprintf(text, sizeof text, "%s: %s%s%s", warning->id, warning->cause,
                 *warning->remedy ? "; " : "", warning->remedy);
        print_item(show, text);
    }
}

/* -- what was not measured -- */

static const char *reason_of(const struct tc_measurement *m)
{
    return m->reason ? m->reason : "no reason was given";
}

/* A cell fails as a whole: its metrics share a status and a reason. What only one metric lacks (a
 * counter that cannot be read) is told once for all cells. */
static bool is_cell_fault(const struct tc_measurement *m)
{
    return m->status == TC_FAILED || m->status == TC_LIMITED || is_lost(m);
}

static bool told_before(const struct tc_results *results, size_t index)
{
    const struct tc_measurement *m = &results->measurements[index];
    for (size_t i = 0; i < index; i++) {
        const struct tc_measurement *before = &results->measurements[i];
        if (before->status != m->status || strcmp(reason_of(before), reason_of(m)) != 0)
            continue;
        if (is_cell_fault(m) ? tc_cell_same_plan(&before->cell, &m->cell)
                             : strcmp(before->metric, m->metric) == 0)
            return true;
    }
    return false;
}

static size_t cells_without(const struct tc_results *results, const struct tc_measurement *m)
{
    size_t count = 0;
    for (size_t i = 0; i < results->measurement_count; i++) {
        const struct tc_measurement *other = &results->measurements[i];
        count += other->status == m->status && strcmp(other->metric, m->metric) == 0 &&
                 strcmp(reason_of(other), reason_of(m)) == 0;
    }
    return count;
}

static void print_fault(const struct show *show, const struct tc_measurement *m)
{
    char cell[512], text[2000];
    if (is_cell_fault(m)) {
        snprintf(text, sizeof text, "%s: %s: %s", tc_cell_describe(&m->cell, cell, sizeof cell),
                 tc_status_name(m->status), reason_of(m));
    } else {
        size_t count = cells_without(show->results, m);
        snprintf(text, sizeof text, "%s, in %zu cell%s: %s", m->metric, count,
                 count == 1 ? "" : "s", reason_of(m));
    }
    print_item(show, text);
}

static void show_faults(const struct show *show)
{
    bool headed = false;
    for (size_t i = 0; i < show->results->measurement_count; i++) {
        const struct tc_measurement *m = &show->results->measurements[i];
        if (m->status == TC_OK || told_before(show->results, i))
            continue;
        if (!headed)
            print_heading(show, "not measured", NULL, NULL);
        headed = true;
        print_fault(show, m);
    }
}

void show_notes(const struct show *show)
{
    show_warnings(show);
    show_faults(show);
}
