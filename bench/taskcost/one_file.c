/* SPDX-License-Identifier: MIT
 *
 * "COMMAND FILE [--markdown]": `show`, `reproduce` and `validate` begin alike.
 */
#include "one_file.h"

#include "command.h"
#include "options.h"

#include <inttypes.h>
#include <string.h>

static const struct option_spec with_markdown[] = {{"--markdown", 0, false}, {NULL, 0, false}};
static const struct option_spec without[] = {{NULL, 0, false}};

static int open_with(int argc, char **argv, const struct option_spec *specs, struct one_file *file)
{
    struct options options = {.command = argv[0], .argc = argc, .argv = argv, .specs = specs};
    struct tc_error err;
    const char *value;
    *file = (struct one_file){0};
    for (int option; (option = options_next(&options, &value)) != OPTION_END;) {
        if (option == OPTION_BAD)
            return EXIT_USAGE_ERROR;
        if (option != OPTION_OPERAND)
            file->markdown = true;
        else if (file->path)
            return usage_error(argv[0], "one result file at a time; '%s' is a second one", value);
        else
            file->path = value;
    }
    if (!file->path || !*file->path)
        return usage_error(argv[0], "name the result file; `taskcost run -o FILE` makes one");
    file->results = tc_results_load(file->path, &err);
    if (!file->results)
        return usage_error(argv[0], "%s", err.text);
    return EXIT_DONE;
}

int one_file_open(int argc, char **argv, struct one_file *file)
{
    return open_with(argc, argv, with_markdown, file);
}

int one_file_open_plain(int argc, char **argv, struct one_file *file)
{
    return open_with(argc, argv, without, file);
}

int one_file_open_published(int argc, char **argv, struct one_file *file)
{
    int code = one_file_open(argc, argv, file);
    if (code == EXIT_DONE)
        code = one_file_refuse_injected(argv[0], file->path, file->results);
    if (code != EXIT_DONE) {
        tc_results_free(file->results);
        file->results = NULL;
    }
    return code;
}

int one_file_refuse_injected(const char *command, const char *path,
                             const struct tc_results *results)
{
    if (!results->injected_percent)
        return EXIT_DONE;
    return usage_error(command,
                       "%s was slowed down by %" PRIu64 " %% on purpose (--inject), for a test of "
                       "the suite, and is kept out of published results; measure again without",
                       path, results->injected_percent);
}
