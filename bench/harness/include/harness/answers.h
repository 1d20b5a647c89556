/* SPDX-License-Identifier: MIT
 *
 * The questions that others left open, answered from a result: sentences that follow from the
 * figures by rules that are written down, and never text that stands there whatever was measured.
 * What a result does not have is "not measured in this file".
 *
 * One question is one file answer_NAME.c and one line in the table of answers.c.
 */
#ifndef HARNESS_ANSWERS_H
#define HARNESS_ANSWERS_H

#include "harness/results.h"
#include "harness/table.h"
#include "harness/words.h"

/* The sentences, the first of them the answer itself, and the figures they follow from. */
struct tc_answer {
    const char *question;
    const char *rule; /* how the sentences follow from the figures */
    struct tc_words sentences;
    struct tc_table *table; /* may have no rows */
};

size_t tc_answer_count(void);

/* Answers question `index` from the result; never without a sentence. Free with tc_answer_clear().
 */
void tc_answer_make(size_t index, const struct tc_results *results, struct tc_answer *answer);
void tc_answer_clear(struct tc_answer *answer);

/* Prints all of them: a heading, the sentences, the rule and the table each. */
void tc_answers_print(const struct tc_results *results, FILE *out, enum tc_table_style style,
                      size_t width);

#endif
