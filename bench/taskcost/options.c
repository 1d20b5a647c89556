/* SPDX-License-Identifier: MIT
 *
 * Command-line options; see options.h.
 */
#include "options.h"

#include "command.h"
#include "harness/words.h"

#include <stdio.h>
#include <string.h>

static bool is_last(const struct option_spec *spec)
{
    return !spec->name && !spec->letter;
}

static int unknown_option(const struct options *options, const char *word, size_t length)
{
    struct tc_words names = {0};
    char typed[64], list[400];
    snprintf(typed, sizeof typed, "%.*s", (int)length, word);
    for (const struct option_spec *spec = options->specs; !is_last(spec); spec++) {
        char name[3] = {'-', spec->letter, '\0'};
        tc_words_add(&names, spec->name ? spec->name : name);
    }
    const char *nearest = tc_words_nearest(&names, typed);
    if (nearest)
        usage_error(options->command, "unknown option '%s'; did you mean '%s'?", typed, nearest);
    else
        usage_error(options->command, "unknown option '%s'; the options are %s", typed,
                    tc_words_join(&names, list, sizeof list));
    tc_words_clear(&names);
    return OPTION_BAD;
}

/* `glued` is a value in the same word, or NULL. */
static int take(struct options *options, int index, const char *shown, const char *glued,
                const char **value)
{
    const struct option_spec *spec = &options->specs[index];
    *value = glued;
    if (!spec->takes_value && glued) {
        usage_error(options->command, "%s takes no value", shown);
        return OPTION_BAD;
    }
    if (spec->takes_value && !glued) {
        if (options->at >= options->argc) {
            usage_error(options->command, "%s lacks its value", shown);
            return OPTION_BAD;
        }
        *value = options->argv[options->at++];
    }
    return index;
}

static int take_long(struct options *options, const char *word, const char **value)
{
    size_t length = strcspn(word, "=");
    for (int i = 0; !is_last(&options->specs[i]); i++) {
        const char *name = options->specs[i].name;
        if (name && strcmp(name, word) == 0)
            return take(options, i, name, NULL, value);
        if (name && strlen(name) == length && strncmp(name, word, length) == 0)
            return take(options, i, name, word[length] ? word + length + 1 : NULL, value);
    }
    return unknown_option(options, word, length);
}

static int take_letter(struct options *options, const char *word, const char **value)
{
    const char shown[3] = {'-', word[1], '\0'};
    for (int i = 0; !is_last(&options->specs[i]); i++)
        if (options->specs[i].letter == word[1])
            return take(options, i, shown, word[2] ? word + 2 : NULL, value);
    return unknown_option(options, word, strlen(word));
}

int options_next(struct options *options, const char **value)
{
    if (options->at == 0)
        options->at = 1;
    if (options->at >= options->argc)
        return OPTION_END;
    const char *word = options->argv[options->at++];
    if (!options->only_operands && strcmp(word, "--") == 0) {
        options->only_operands = true;
        return options_next(options, value);
    }
    if (options->only_operands || word[0] != '-' || !word[1]) {
        *value = word;
        return OPTION_OPERAND;
    }
    return word[1] == '-' ? take_long(options, word, value) : take_letter(options, word, value);
}
