/* SPDX-License-Identifier: MIT
 *
 * What the program says about itself, for main.c; the commands have command.h.
 */
#ifndef TASKCOST_USAGE_H
#define TASKCOST_USAGE_H

#include "command.h"

#include <stddef.h>

/* All commands in the order of commands.def. */
extern const struct command *const commands[];
extern const size_t command_count;

/* The command of that name, or NULL. */
const struct command *find_command(const char *name);

/* Prints to standard output. */
void print_program_help(void);
void print_command_help(const struct command *command);
void print_version(void);

/* Says on standard error that there is no such command, with the nearest one; returns
 * EXIT_USAGE_ERROR. */
int unknown_command(const char *name);

#endif
