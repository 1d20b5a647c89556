/* SPDX-License-Identifier: MIT
 *
 * Help, version and the one sentence that wrong use gets. Every command's help has the same shape,
 * printed here from its struct command, so that none can differ.
 */
#include "usage.h"

#include "harness/words.h"
#include "version.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define COMMAND(name) extern const struct command command_##name;
#include "commands.def"
#undef COMMAND

#define COMMAND(name) &command_##name,
const struct command *const commands[] = {
#include "commands.def"
};
#undef COMMAND
const size_t command_count = sizeof commands / sizeof commands[0];

const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

void print_program_help(void)
{
    puts("taskcost measures what a task costs as an OS thread and as an async task.\n"
         "\n"
         "usage: taskcost COMMAND [ARGUMENT...]\n"
         "\n"
         "commands:");
    for (size_t i = 0; i < command_count; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    puts("\n"
         "`taskcost COMMAND --help` tells the rest; `taskcost --version` the version.\n"
         "Exit codes: 0 done; 1 some cells failed; 2 wrong use; 3 a comparison got worse;\n"
         "4 two files cannot be compared; 130 interrupted.");
}

void print_command_help(const struct command *command)
{
    printf("usage: taskcost %s\n\n%s\n", command->synopsis, command->summary);
    if (command->help && *command->help)
        printf("\n%s%s", command->help,
               command->help[strlen(command->help) - 1] == '\n' ? "" : "\n");
}

void print_version(void)
{
    printf("taskcost %s (%s)\n", TC_VERSION, TC_COMMIT);
}

int usage_error(const char *command, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "taskcost%s%s: ", command ? " " : "", command ? command : "");
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return EXIT_USAGE_ERROR;
}

int unknown_command(const char *name)
{
    struct tc_words names = {0};
    char list[256];
    for (size_t i = 0; i < command_count; i++)
        tc_words_add(&names, commands[i]->name);
    const char *nearest = tc_words_nearest(&names, name);
    if (nearest)
        usage_error(NULL, "there is no command '%s'; did you mean '%s'?", name, nearest);
    else
        usage_error(NULL, "there is no command '%s'; the commands are %s", name,
                    tc_words_join(&names, list, sizeof list));
    tc_words_clear(&names);
    return EXIT_USAGE_ERROR;
}
