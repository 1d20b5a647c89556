/* SPDX-License-Identifier: MIT
 *
 * Looks into a JSON file for the command-line tests, so that they need no other tool than the
 * suite's own reader.
 *
 *     json-look FILE PATH...     a line for each path: text as it is, everything else as JSON
 *     json-look FILE -s PATH     the number of members or items
 *
 * A path is keys and indices joined by dots ("workloads.0.name"), "" for the whole. Exit codes: 0
 * all are there, 1 one is not, 2 the file is no JSON, or wrong use. Floating-point numbers are
 * written with as many digits as they need, objects and arrays indented over several lines.
 */
#include "harness/json.h"

#include <stdlib.h>
#include <string.h>

static const tc_json *step_into(const tc_json *value, const char *key)
{
    char *end;
    unsigned long index = strtoul(key, &end, 10);
    return tcj_is_array(value) && *key && !*end ? tcj_at(value, index) : tcj_get(value, key);
}

/* NULL when there is nothing. */
static const tc_json *look(const tc_json *value, const char *path)
{
    char key[256];
    for (const char *at = path; value && *at; at += strcspn(at, "."), at += *at == '.') {
        snprintf(key, sizeof key, "%.*s", (int)strcspn(at, "."), at);
        value = step_into(value, key);
    }
    return value;
}

static int missing(const char *file, const char *path)
{
    fprintf(stderr, "json-look: %s has no '%s'\n", file, path);
    return 1;
}

static int print_size(const tc_json *whole, const char *file, const char *path)
{
    const tc_json *value = look(whole, path);
    if (!tcj_is_array(value) && !tcj_is_object(value))
        return missing(file, path);
    printf("%zu\n", tcj_size(value));
    return 0;
}

static int print_values(const tc_json *whole, const char *file, char **paths)
{
    for (; *paths; paths++) {
        const tc_json *value = look(whole, *paths);
        if (!value)
            return missing(file, *paths);
        const char *text = tcj_text(value, NULL);
        if (text)
            puts(text);
        else if (tcj_write(value, stdout) < 0)
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct tc_error err;
    if (argc < 3 || (strcmp(argv[2], "-s") == 0 && argc != 4)) {
        fprintf(stderr, "usage: json-look FILE PATH... | json-look FILE -s PATH\n");
        return 2;
    }
    tc_json *whole = tcj_load(argv[1], &err);
    if (!whole) {
        fprintf(stderr, "json-look: %s\n", err.text);
        return 2;
    }
    int code = strcmp(argv[2], "-s") == 0 ? print_size(whole, argv[1], argv[3])
                                          : print_values(whole, argv[1], argv + 2);
    tcj_free(whole);
    return code;
}
