/* SPDX-License-Identifier: MIT
 *
 * taskcost: finds the command and runs it. Everything a command does is in its cmd_NAME.c; what is
 * common to all (help, version, the state of standard output at the end) is here.
 */
#include "usage.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (is_help(argv[i]))
            return true;
    return false;
}

static int help_about(const char *name)
{
    const struct command *command = find_command(name);
    if (!command)
        return unknown_command(name);
    print_command_help(command);
    return EXIT_DONE;
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2)
        return usage_error(NULL, "name a command; `taskcost --help` lists them");
    const char *name = argv[1];
    if (is_help(name) || (strcmp(name, "help") == 0 && argc == 2)) {
        print_program_help();
        return EXIT_DONE;
    }
    if (strcmp(name, "help") == 0)
        return help_about(argv[2]);
    if (strcmp(name, "--version") == 0) {
        print_version();
        return EXIT_DONE;
    }
    if (name[0] == '-')
        return usage_error(NULL,
                           "unknown option '%s'; a command comes first, `taskcost --help` "
                           "lists them",
                           name);
    const struct command *command = find_command(name);
    if (!command)
        return unknown_command(name);
    if (asks_for_help(argc - 1, argv + 1)) {
        print_command_help(command);
        return EXIT_DONE;
    }
    return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    /* A reader that goes away (`taskcost list | head -1`) must not end the program by a signal: a
     * run would lose its cell. Writing then fails with EPIPE, which ends quietly below. */
    signal(SIGPIPE, SIG_IGN);
    int code = dispatch(argc, argv);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (errno != EPIPE)
            code = usage_error(NULL, "cannot write to standard output: %s", strerror(errno));
    }
    return code;
}
