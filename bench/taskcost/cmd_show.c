/* SPDX-License-Identifier: MIT
 *
 * `taskcost show`: a result file as tables, for the terminal or as Markdown. This file reads the
 * arguments and prints the head; the tables are show_*.c.
 */
#include "command.h"
#include "one_file.h"
#include "show.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char *text_at(const tc_json *environment, const char *block, const char *key)
{
    return tcj_text(tcj_get(tcj_get(environment, block), key), NULL);
}

static void add(char *to, size_t size, const char *before, const char *text, const char *after)
{
    size_t used = strlen(to);
    if (text && *text)
        snprintf(to + used, size - used, "%s%s%s", used ? before : "", text, after);
}

static void describe_machine(const tc_json *environment, char *line, size_t size)
{
    char memory[32];
    double bytes;
    add(line, size, "", tcj_text(tcj_get(environment, "host"), NULL), "");
    add(line, size, ", ", text_at(environment, "cpu", "model"), "");
    if (tcj_read_number(tcj_get(tcj_get(environment, "memory"), "total_bytes"), &bytes))
        add(line, size, ", ", tc_format_quantity(bytes, "B", memory, sizeof memory), "");
    add(line, size, ", Linux ", text_at(environment, "kernel", "release"), "");
    add(line, size, ", ", tcj_text(tcj_get(environment, "compiler"), NULL), "");
}

static void describe_run(const struct tc_results *results, char *line, size_t size)
{
    char seed[32];
    snprintf(seed, sizeof seed, "%" PRIu64, results->seed);
    add(line, size, "", results->started, "");
    add(line, size, ", profile ", results->profile, "");
    add(line, size, ", seed ", seed, "");
    add(line, size, ", taskcost ", results->version, "");
    add(line, size, " ", results->commit, "");
    if (!results->complete)
        add(line, size, "", "; this run is not complete", "");
    if (results->resumed.count > 0)
        add(line, size, "; resumed ", results->resumed.items[results->resumed.count - 1], "");
    if (results->injected_percent)
        add(line, size, "", "; SLOWED DOWN on purpose by --inject, not to be published", "");
}

static void show_head(const struct show *show, const char *path)
{
    char machine[512] = "", run[512] = "";
    bool markdown = show->style == TC_MARKDOWN;
    describe_machine(show->results->environment, machine, sizeof machine);
    describe_run(show->results, run, sizeof run);
    fprintf(show->out, "%s%s\n%s", markdown ? "# " : "", path, markdown ? "\n" : "");
    tc_print_wrapped(show->out, machine, show->style, show->width, 0);
    fputs(markdown ? "\n" : "", show->out);
    tc_print_wrapped(show->out, run, show->style, show->width, 0);
    fputs(markdown ? "\n" : "", show->out);
    tc_print_wrapped(
        show->out,
        "Figures are the median of the rounds' medians ± half of its 95 % interval (or "
        "with [its ends], where it is wide), which takes at least 6 rounds. ×floor and ×async: how "
        "many times the figure of "
        "the floor, and of async, in the same row; the median of that ratio over the "
        "blocks that have both, which need not be the ratio of the two medians.",
        show->style, show->width, 0);
}

static int run(int argc, char **argv)
{
    struct one_file file;
    int code = one_file_open(argc, argv, &file);
    if (code != EXIT_DONE)
        return code;
    struct show show = {.results = file.results,
                        .out = stdout,
                        .style = file.markdown ? TC_MARKDOWN : TC_TERMINAL,
                        .width = tc_output_width(stdout)};
    find_matrices(&show);
    show_head(&show, file.path);
    if (file.results->measurement_count == 0)
        print_heading(&show, "nothing was measured yet", NULL, NULL);
    show_values(&show);
    show_latency(&show);
    show_load(&show);
    show_counters(&show);
    show_outliers(&show);
    show_quality(&show);
    show_notes(&show);
    free(show.matrices);
    tc_results_free(file.results);
    return EXIT_DONE;
}

const struct command command_show = {
    .name = "show",
    .synopsis = "show FILE [--markdown]",
    .summary = "the tables of a result file",
    .help =
        "  FILE        a result file, or - for standard input\n"
        "  --markdown  tables for a page instead of a terminal\n"
        "\n"
        "Tables are made to fit COLUMNS, the terminal's width, or 100 columns. A figure is the\n"
        "median of the rounds' medians, with half of its 95 % interval where there are at\n"
        "least six rounds. Ratios and differences are medians over blocks: rounds that ran\n"
        "close in time are held against each other. A ? after a figure says that it is noisy, an\n"
        "! that it is invalid; the reasons are below the tables.\n",
    .run = run,
};
