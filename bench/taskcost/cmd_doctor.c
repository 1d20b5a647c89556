/* SPDX-License-Identifier: MIT
 *
 * taskcost doctor: is this machine fit to measure on? It looks and tells; it changes nothing, and
 * what it finds is no failure.
 */
#include "command.h"
#include "harness/doctor.h"
#include "harness/environment.h"
#include "harness/table.h"
#include "options.h"

#include <string.h>

static const struct option_spec specs[] = {{"--json", 0, false}, {NULL, 0, false}};

enum { HOLES_NS = 100000000 };

static const char *text_of(const tc_json *check, const char *key)
{
    return tcj_text(tcj_get(check, key), NULL);
}

static bool is_warn(const tc_json *check)
{
    return strcmp(text_of(check, "verdict"), "warn") == 0;
}

static void print_checks(const tc_json *checks, size_t width)
{
    struct tc_table *table = tc_table_new();
    tc_table_column(table, "check", TC_LEFT);
    tc_table_column(table, "value", TC_LEFT);
    tc_table_column(table, "verdict", TC_LEFT);
    tc_table_column(table, "what it is", TC_LEFT);
    for (size_t i = 0; i < tcj_size(checks); i++) {
        const tc_json *check = tcj_at(checks, i);
        const char *value = text_of(check, "value");
        tc_table_row(table);
        tc_table_cell(table, text_of(check, "id"));
        tc_table_cell(table, value ? value : "?");
        tc_table_cell(table, text_of(check, "verdict"));
        tc_table_cell(table, text_of(check, "meaning"));
    }
    tc_table_print(table, stdout, TC_TERMINAL, width);
    tc_table_free(table);
}

/* Commands are not broken into lines: they are there to be copied. */
static void print_warning(const tc_json *check, size_t width)
{
    char line[700];
    snprintf(line, sizeof line, "%s: %s", text_of(check, "id"), text_of(check, "why"));
    putchar('\n');
    tc_print_wrapped(stdout, line, TC_TERMINAL, width, 2);
    printf("  change  %s\n", text_of(check, "change"));
    if (text_of(check, "undo"))
        printf("  undo    %s\n", text_of(check, "undo"));
}

static void print_warnings(const tc_json *checks, size_t width)
{
    size_t warnings = 0;
    for (size_t i = 0; i < tcj_size(checks); i++)
        warnings += is_warn(tcj_at(checks, i));
    puts(warnings ? "\nNothing was changed. What would, as root where the system asks for it:"
                  : "\nNothing is known to be in the way.");
    for (size_t i = 0; i < tcj_size(checks); i++)
        if (is_warn(tcj_at(checks, i)))
            print_warning(tcj_at(checks, i), width);
}

/* What a run finds out of itself. Time stolen is that since the machine was started. */
static void look_now(tc_json *environment)
{
    uint64_t stolen, all;
    tcj_set(environment, "holes", tc_environment_holes(HOLES_NS));
    if (tc_cpu_ticks("", &stolen, &all) && all > 0)
        tcj_set(tcj_get(environment, "cpu"), "steal_share",
                tcj_number((double)stolen / (double)all));
}

static int examine(bool json)
{
    struct tc_error err;
    struct tc_topology *topology = tc_topology_load(&err);
    if (!topology)
        return usage_error("doctor", "%s", err.text);
    tc_json *environment = tc_environment_read(topology, "");
    look_now(environment);
    tc_json *checks = tc_doctor_examine(environment);
    size_t width = tc_output_width(stdout);
    if (json) {
        tcj_write(checks, stdout);
    } else {
        print_checks(checks, width);
        print_warnings(checks, width);
    }
    tcj_free(checks);
    tcj_free(environment);
    tc_topology_free(topology);
    return EXIT_DONE;
}

static int run(int argc, char **argv)
{
    struct options options = {.command = "doctor", .argc = argc, .argv = argv, .specs = specs};
    const char *value;
    bool json = false;
    for (int option; (option = options_next(&options, &value)) != OPTION_END; json = true) {
        if (option == OPTION_BAD)
            return EXIT_USAGE_ERROR;
        if (option == OPTION_OPERAND)
            return usage_error("doctor",
                               "it looks at this machine and takes no names, not even '%s'", value);
    }
    return examine(json);
}

const struct command command_doctor = {
    .name = "doctor",
    .synopsis = "doctor [--json]",
    .summary = "is this machine fit to measure on; changes nothing",
    .help =
        "  --json  the same for programs\n"
        "\n"
        "Each setting that figures depend on: its value, and a verdict: ok, warn, or unknown\n"
        "(this system has no such thing, or it may not be read; that is never bad). For each\n"
        "warning the command that changes it and the one that puts the old value back. Nothing\n"
        "is changed. The exit code is 0 whatever is found.\n",
    .run = run,
};
