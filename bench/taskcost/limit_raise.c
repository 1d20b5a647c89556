/* SPDX-License-Identifier: MIT
 *
 * --raise-limits: told in a table, or done and told in lines, and put back. TASKCOST_ROOT names a
 * folder that stands for /, for the tests: what is set there changes no machine.
 */
#include "limit_parts.h"

#include "command.h"
#include "harness/table.h"

#include <stdio.h>
#include <stdlib.h>

static const char *root(void)
{
    const char *named = getenv("TASKCOST_ROOT");
    return named ? named : "";
}

static const char *place_of(const struct tc_raise *raise)
{
    return *raise->path ? raise->path : "this process";
}

int limit_raise_show(void)
{
    struct tc_raises raises;
    struct tc_table *table = tc_table_new();
    tc_raise_plan(&raises, root());
    tc_table_column(table, "limit", TC_LEFT);
    tc_table_column(table, "now", TC_RIGHT);
    tc_table_column(table, "would be", TC_RIGHT);
    tc_table_column(table, "permitted", TC_LEFT);
    tc_table_column(table, "where", TC_LEFT);
    for (size_t i = 0; i < raises.count; i++) {
        tc_table_row(table);
        tc_table_cell(table, raises.items[i].name);
        tc_table_cell(table, raises.items[i].old);
        tc_table_cell(table, raises.items[i].new);
        tc_table_cell(table, raises.items[i].permitted ? "yes" : "no: only to the superuser");
        tc_table_cell(table, place_of(&raises.items[i]));
    }
    if (raises.count > 0)
        tc_table_print(table, stdout, TC_TERMINAL, tc_output_width(stdout));
    puts(raises.count > 0
             ? "\nNothing was changed: --raise-limits=apply sets them while it measures, and puts "
               "them back."
             : "There is nothing to raise.");
    tc_table_free(table);
    return EXIT_DONE;
}

int limit_raise_apply(struct tc_raises *raises)
{
    struct tc_error err;
    tc_raise_plan(raises, root());
    if (tc_raise_apply(raises, root(), &err) < 0)
        return usage_error("limit", "--raise-limits: %s", err.text);
    for (size_t i = 0; i < raises->count; i++) {
        const struct tc_raise *raise = &raises->items[i];
        fprintf(stderr, "taskcost limit: %s (%s) %s %s%s%s\n", raise->name, place_of(raise),
                raise->permitted ? "raised from" : "stays at", raise->old,
                raise->permitted ? " to " : ": only the superuser may raise it",
                raise->permitted ? raise->new : "");
    }
    return EXIT_DONE;
}

int limit_raise_undo(const struct tc_raises *raises)
{
    struct tc_error err;
    size_t count;
    if (tc_raise_undo(raises, root(), &count, &err) < 0)
        return usage_error("limit", "%s", err.text);
    if (count > 0)
        fprintf(stderr, "taskcost limit: %zu limit%s put back\n", count, count == 1 ? "" : "s");
    else if (!raises)
        fprintf(stderr, "taskcost limit: no limits were left raised\n");
    return EXIT_DONE;
}
