/* SPDX-License-Identifier: MIT
 *
 * `taskcost findings`: the questions that others left open, answered from one result
 * (harness/answers.h).
 */
#include "command.h"
#include "harness/answers.h"
#include "one_file.h"

static int run(int argc, char **argv)
{
    struct one_file file;
    int code = one_file_open_published(argc, argv, &file);
    if (code != EXIT_DONE)
        return code;
    printf("%s%s\n", file.markdown ? "# " : "", file.path);
    tc_answers_print(file.results, stdout, file.markdown ? TC_MARKDOWN : TC_TERMINAL,
                     tc_output_width(stdout));
    tc_results_free(file.results);
    return EXIT_DONE;
}

const struct command command_findings = {
    .name = "findings",
    .synopsis = "findings FILE [--markdown]",
    .summary = "the open questions, answered as far as the file goes",
    .help =
        "  FILE        a result file, or - for standard input\n"
        "  --markdown  a page instead of a terminal\n"
        "\n"
        "Why pinning takes away the threads' disadvantage, how figures move with the number of\n"
        "tasks, what stops the threads, whether io_uring changes the story, and how much work\n"
        "between two waits makes the choice not matter. Every sentence follows from figures\n"
        "of the file by the rule that stands below it; ./run_all.sh --full measures all that\n"
        "they need, and what is missing is said to be.\n",
    .run = run,
};
