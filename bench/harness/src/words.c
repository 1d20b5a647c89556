/* SPDX-License-Identifier: MIT
 *
 * Lists of words, and the nearest of them to what was typed (the distance of Damerau and
 * Levenshtein, restricted to swaps of neighbours).
 */
#include "harness/words.h"

#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Longer words are never near anything: the table of distances has a fixed size. */
enum { LONGEST = 48 };

void tc_words_add(struct tc_words *words, const char *word)
{
    char **items = realloc(words->items, (words->count + 1) * sizeof *items);
    MUST(items);
    words->items = items;
    items[words->count] = strdup(word);
    MUST(items[words->count]);
    words->count++;
}

void tc_words_add_once(struct tc_words *words, const char *word)
{
    if (!tc_words_have(words, word))
        tc_words_add(words, word);
}

bool tc_words_have(const struct tc_words *words, const char *word)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->items[i], word) == 0)
            return true;
    return false;
}

void tc_words_clear(struct tc_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i]);
    free(words->items);
    *words = (struct tc_words){0};
}

void tc_words_split(struct tc_words *words, const char *list)
{
    char *copy = strdup(list), *rest = copy, *part;
    MUST(copy);
    while ((part = strsep(&rest, ",")))
        tc_words_add(words, part);
    free(copy);
}

const char *tc_words_join(const struct tc_words *words, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, "%s", words->count ? "" : "none");
    for (size_t i = 0; i < words->count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", words->items[i]);
    if (used >= size && size > 4)
        memcpy(text + size - 4, "...", 4);
    return text;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t distance(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b), d[LONGEST + 1][LONGEST + 1];
    if (na > LONGEST || nb > LONGEST)
        return LONGEST;
    for (size_t i = 0; i <= na; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= nb; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= na; i++) {
        for (size_t j = 1; j <= nb; j++) {
            size_t change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = least(change, 1 + least(d[i - 1][j], d[i][j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[na][nb];
}

const char *tc_words_nearest(const struct tc_words *words, const char *word)
{
    const char *nearest = NULL;
    size_t best = 3, length = strlen(word);
    for (size_t i = 0; i < words->count; i++) {
        size_t far = distance(word, words->items[i]);
        if (far < best && 2 * far < length) {
            best = far;
            nearest = words->items[i];
        }
    }
    for (size_t i = 0; !nearest && length >= 2 && i < words->count; i++)
        if (strncmp(word, words->items[i], length) == 0)
            nearest = words->items[i];
    return nearest;
}
