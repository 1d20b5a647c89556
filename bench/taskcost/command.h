/* SPDX-License-Identifier: MIT
 *
 * The contract between the program and its commands: one file and one line in commands.def each.
 */
#ifndef TASKCOST_COMMAND_H
#define TASKCOST_COMMAND_H

/* Exit codes, as documented in the manual. */
enum {
    EXIT_DONE = 0,
    EXIT_CELLS_FAILED = 1,
    EXIT_USAGE_ERROR = 2,
    EXIT_WORSE = 3,
    EXIT_NOT_COMPARABLE = 4,
    EXIT_INTERRUPTED = 130
};

struct command {
    const char *name;
    const char *synopsis; /* "show FILE [--markdown]" */
    const char *summary;  /* one line for the list of commands */
    const char *help; /* what --help prints below the synopsis: every option, with its default */
    /* argv[0] is the command's name. Returns an exit code. `--help` never reaches it. */
    int (*run)(int argc, char **argv);
};

/* Prints "taskcost COMMAND: SENTENCE" to standard error and returns EXIT_USAGE_ERROR. */
int usage_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
