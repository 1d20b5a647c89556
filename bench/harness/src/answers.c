/* SPDX-License-Identifier: MIT
 *
 * The list of questions, and what all answers are written with.
 */
#include "answers.h"

#include "harness/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *question, *rule;
    void (*answer)(const struct tc_results *results, struct tc_answer *answer);
} questions[] = {
    {"Why does pinning to one core take away the threads' disadvantage?",
     "Pinning helps where the whole interval of the ratio is above 1.1. The cause is more switches "
     "where there are 1.25 times as many a hop, else threads that move where there is a migration "
     "in every second hop, else wake-ups across cores. Of the time that pinning saves, what is not "
     "CPU time is time in which nothing ran.",
     tc__answer_pinning},
    {"How does the number of tasks change the figures?",
     "Growth is the time with most tasks over that with fewest, in the same blocks. The advantage "
     "grows or shrinks where the two intervals of the ratio are apart; threads are the cheaper "
     "ones "
     "where the whole interval is below 1. A figure stands still when its growth is within a "
     "factor "
     "of 1.25.",
     tc__answer_growth},
    {"What stops the threads?",
     "The limit that the workload limit names when the next task is refused, beside the number "
     "that "
     "it had predicted; where it was not run, the smallest cell of any workload that met a limit.",
     tc__answer_limit},
    {"Does io_uring change the story?",
     "A model with \"uring\" in its name against async: cheaper or dearer where the whole interval "
     "of the ratio is on one side of 1.",
     tc__answer_uring},
    {"How much work between two waits makes the choice not matter?",
     "The advantage is how much longer a hop takes with threads than with async: the difference of "
     "what both take beyond the work itself, over the whole hop of async. Where it falls under a "
     "share for good is interpolated in logarithms; the interval is where the ends of the points' "
     "95 % intervals fall under it.",
     tc__answer_work},
};

size_t tc_answer_count(void)
{
    return TC_COUNT_OF(questions);
}

void tc_answer_make(size_t index, const struct tc_results *results, struct tc_answer *answer)
{
    MUST(index < TC_COUNT_OF(questions));
    *answer = (struct tc_answer){.question = questions[index].question,
                                 .rule = questions[index].rule,
                                 .table = tc_table_new()};
    questions[index].answer(results, answer);
    MUST(answer->sentences.count > 0);
}

void tc_answer_clear(struct tc_answer *answer)
{
    tc_words_clear(&answer->sentences);
    tc_table_free(answer->table);
    *answer = (struct tc_answer){0};
}

/* -- printing -- */

static void print_answer(const struct tc_answer *answer, FILE *out, enum tc_table_style style,
                         size_t width)
{
    char rule[600];
    fprintf(out, "\n%s%s\n\n", style == TC_MARKDOWN ? "## " : "", answer->question);
    for (size_t i = 0; i < answer->sentences.count; i++) {
        char sentence[1100];
        snprintf(sentence, sizeof sentence, "- %s", answer->sentences.items[i]);
        tc_print_wrapped(out, sentence, style, width, 2);
    }
    if (tc_table_rows(answer->table) == 0)
        return;
    fputc('\n', out);
    tc_table_print(answer->table, out, style, width);
    fputc('\n', out);
    snprintf(rule, sizeof rule, style == TC_MARKDOWN ? "*By this rule: %s*" : "By this rule: %s",
             answer->rule);
    tc_print_wrapped(out, rule, style, width, 0);
}

void tc_answers_print(const struct tc_results *results, FILE *out, enum tc_table_style style,
                      size_t width)
{
    for (size_t i = 0; i < tc_answer_count(); i++) {
        struct tc_answer answer;
        tc_answer_make(i, results, &answer);
        print_answer(&answer, out, style, width);
        tc_answer_clear(&answer);
    }
}

/* -- what the answers are written with -- */

void tc__say(struct tc_answer *answer, const char *format, ...)
{
    char sentence[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    tc_words_add(&answer->sentences, sentence);
}

void tc__columns(struct tc_answer *answer, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tc_table_column(answer->table, names[i] + (names[i][0] == '<'),
                        names[i][0] == '<' ? TC_LEFT : TC_RIGHT);
}

bool tc__is_usual(const struct tc_cell *cell)
{
    static const char *const usual[][2] = {{"policy", "other"},
                                           {"channel", "mutex-condition"},
                                           {"futex-hash", "default"},
                                           {"tokens", "1"}};
    for (size_t i = 0; i < TC_COUNT_OF(usual); i++) {
        const char *value = tc_cell_param(cell, usual[i][0]);
        if (value && strcmp(value, usual[i][1]) != 0)
            return false;
    }
    return true;
}

double tc__median(const struct tc_measurement *measurement)
{
    return measurement && measurement->status == TC_OK ? measurement->summary.median : NAN;
}

static char *next_buffer(size_t *size)
{
    static _Thread_local char buffers[12][160];
    static _Thread_local size_t next;
    *size = sizeof buffers[0];
    return buffers[next++ % TC_COUNT_OF(buffers)];
}

const char *tc__quantity(double value, const char *unit)
{
    size_t size;
    char *text = next_buffer(&size);
    return strcmp(unit, "ratio") == 0 ? tc_format_ratio(value, text, size)
                                      : tc_format_quantity(value, unit, text, size);
}

const char *tc__effect(struct tc_effect effect, const char *unit)
{
    size_t size;
    char *text = next_buffer(&size);
    return tc_format_effect(effect, unit, text, size);
}

const char *tc__percent(double share)
{
    size_t size;
    char *text = next_buffer(&size);
    char count[32];
    if (!isfinite(share))
        snprintf(text, size, "-");
    else if (share >= 10) /* more digits than three would pretend */
        snprintf(text, size, "%s\xc2\xa0%%",
                 tc_format_count((uint64_t)(100 * share / 10) * 10, count, sizeof count));
    else
        snprintf(text, size, "%.3g\xc2\xa0%%", 100 * share);
    return text;
}
