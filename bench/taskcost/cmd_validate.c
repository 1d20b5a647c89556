/* SPDX-License-Identifier: MIT
 *
 * `taskcost validate`: whether a file is a result that every other command will take.
 */
#include "command.h"
#include "one_file.h"

#include <stdio.h>

static int run(int argc, char **argv)
{
    struct one_file file;
    int code = one_file_open_plain(argc, argv, &file);
    if (code != EXIT_DONE)
        return code;
    size_t count = file.results->measurement_count;
    printf("%s: valid taskcost-results version 1, %zu measurement%s%s\n", file.path, count,
           count == 1 ? "" : "s",
           file.results->injected_percent ? ", slowed down on purpose by --inject" : "");
    tc_results_free(file.results);
    return EXIT_DONE;
}

const struct command command_validate = {
    .name = "validate",
    .synopsis = "validate FILE",
    .summary = "checks a result file against the schema",
    .help = "  FILE  a result file, or - for standard input\n"
            "\n"
            "Exits with 0 and one line on standard output if the file is valid, else with 2 and\n"
            "one sentence that names the place and what was expected there. The format is\n"
            "described in docs/result-schema.md. Keys that it does not name are allowed.\n",
    .run = run,
};
