/* SPDX-License-Identifier: MIT
 *
 * Command-line options, refused in one sentence that names them: getopt_long() prints its own
 * words, and takes abbreviations that a later option would break.
 */
#ifndef TASKCOST_OPTIONS_H
#define TASKCOST_OPTIONS_H

#include <stdbool.h>

struct option_spec {
    const char *name; /* "--rounds"; before it, if there is one, a flag "--rounds=WORD" */
    char letter;      /* 'n' for "-n", or 0 */
    bool takes_value;
};

/* Start with {.command = ..., .argc = argc, .argv = argv, .specs = ...}. */
struct options {
    const char *command;
    int argc;
    char **argv;
    const struct option_spec *specs; /* ended by one without name and letter */
    int at;
    bool only_operands; /* after "--" */
};

enum { OPTION_END = -1, OPTION_OPERAND = -2, OPTION_BAD = -3 };

/* The next option's index in `specs` with its value (NULL for a flag), OPTION_OPERAND with the word
 * as value, OPTION_END, or OPTION_BAD after the sentence was printed. Takes --name VALUE,
 * --name=VALUE, -n VALUE and -nVALUE; "-" is an operand. */
int options_next(struct options *options, const char **value);

#endif
