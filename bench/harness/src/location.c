/* SPDX-License-Identifier: MIT
 *
 * The grammar of hwloc's locations; see location.h.
 */
#include "location.h"

#include "base/parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool copy_word(char *to, const char *from, size_t length)
{
    if (length == 0 || length >= TC_LOCATION_WORD)
        return false;
    memcpy(to, from, length);
    to[length] = '\0';
    return true;
}

int tc_location_parse(const char *text, struct tc_location *out, struct tc_error *err)
{
    *out = (struct tc_location){0};
    for (const char *part = text;; part++) {
        size_t length = strcspn(part, "."), type = strcspn(part, ":.");
        if (out->count == TC_LOCATION_LEVELS)
            return tc_fail(err, -EINVAL, "it has more than %d levels", TC_LOCATION_LEVELS);
        if (type >= length || !copy_word(out->levels[out->count].type, part, type) ||
            !copy_word(out->levels[out->count].selection, part + type + 1, length - type - 1))
            return tc_fail(err, -EINVAL, "'%.*s' is not of the form TYPE:INDEX", (int)length, part);
        out->count++;
        part += length;
        if (!*part)
            return 0;
    }
}

static int parse_index(const char *text, size_t *out)
{
    uint64_t value = 0;
    int code = tc_parse_count(text, "index", 0, UINT32_MAX, &value, NULL);
    if (code == 0)
        *out = (size_t)value;
    return code;
}

static int choose_step(size_t first, size_t step, size_t count, bool *chosen)
{
    if (first >= count)
        return -ERANGE;
    for (size_t i = first; i < count; i += step)
        chosen[i] = true;
    return 0;
}

/* N, N-, N-M or N:M; `mark` points at the '-' or ':' in `part`, which is cut there. */
static int choose_range(char *part, char *mark, size_t count, bool *chosen)
{
    char kind = mark ? *mark : '\0';
    size_t first = 0, second = 0;
    if (mark)
        *mark++ = '\0';
    if (parse_index(part, &first) < 0)
        return -EINVAL;
    if (kind == '-' && !*mark)
        return choose_step(first, 1, count, chosen);
    if (kind == '\0')
        second = first;
    else if (parse_index(mark, &second) < 0)
        return -EINVAL;
    if (kind == ':' ? second == 0 : second < first)
        return -EINVAL;
    if (first >= count || (kind == ':' ? second > count : second >= count))
        return -ERANGE;
    size_t length = kind == ':' ? second : second - first + 1;
    for (size_t i = 0; i < length; i++)
        chosen[(first + i) % count] = true;
    return 0;
}

static int choose(char *part, size_t count, bool *chosen)
{
    if (strcmp(part, "all") == 0 || strcmp(part, "even") == 0)
        return choose_step(0, part[0] == 'a' ? 1 : 2, count, chosen);
    if (strcmp(part, "odd") == 0)
        return choose_step(1, 2, count, chosen);
    return choose_range(part, strpbrk(part, "-:"), count, chosen);
}

int tc_location_select(const char *selection, size_t count, bool *chosen)
{
    char copy[TC_LOCATION_WORD], *rest = copy, *part;
    int code = 0;
    snprintf(copy, sizeof copy, "%s", selection);
    memset(chosen, 0, count * sizeof *chosen);
    while (code == 0 && (part = strsep(&rest, ",")))
        code = choose(part, count, chosen);
    return code;
}
