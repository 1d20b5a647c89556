/* SPDX-License-Identifier: MIT
 *
 * Lists of words: names typed by people, names offered to them, and the guess in between.
 */
#ifndef HARNESS_WORDS_H
#define HARNESS_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Owned strings in the order they were added. All zero is an empty list. */
struct tc_words {
    char **items;
    size_t count;
};

/* Adds a copy. */
void tc_words_add(struct tc_words *words, const char *word);
/* The same unless it is there already. */
void tc_words_add_once(struct tc_words *words, const char *word);
bool tc_words_have(const struct tc_words *words, const char *word);
void tc_words_clear(struct tc_words *words);

/* Adds the parts of a comma-separated list, empty ones included, so that the caller can refuse
 * them by name. */
void tc_words_split(struct tc_words *words, const char *list);

/* "a, b, c" into `text`, cut with "..." when it does not fit; returns text. "none" when empty. */
const char *tc_words_join(const struct tc_words *words, char *text, size_t size);

/* The word that a person who typed `word` most likely meant: at most two slips away (insert, drop,
 * change or swap a letter) and less than half the word, or one that begins with it. NULL when
 * nothing is near. O(count x length^2). */
const char *tc_words_nearest(const struct tc_words *words, const char *word);

#endif
