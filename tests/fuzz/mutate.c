/* SPDX-License-Identifier: MIT
 *
 * The damage that mutate.h describes. A scan finds where the values of the text are; it goes by
 * quotes and brackets alone, so that it also finds something in a text that is damaged already.
 */
#include "mutate.h"

#include "base/status.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES_MAX = 4, DEPTH_MAX = 64, NESTING_MAX = 5000, LONG_MAX_BYTES = 20000 };

struct span {
    size_t from, to; /* a value, or a member with its key */
};

struct spans {
    struct span *items;
    size_t count;
};

/* -- where the values are -- */

static void add_span(struct spans *spans, size_t from, size_t to)
{
    if ((spans->count & (spans->count - 1)) == 0) {
        spans->items =
            realloc(spans->items, (spans->count ? spans->count * 2 : 1) * sizeof *spans->items);
        MUST(spans->items);
    }
    spans->items[spans->count++] = (struct span){from, to};
}

static size_t end_of_string(const struct text *text, size_t at)
{
    for (at++; at < text->length && text->bytes[at] != '"'; at++)
        if (text->bytes[at] == '\\')
            at++;
    return at < text->length ? at + 1 : text->length;
}

static size_t end_of_word(const struct text *text, size_t at)
{
    while (at < text->length && !strchr(",:]}[{\" \t\r\n", text->bytes[at]))
        at++;
    return at;
}

static bool is_key(const struct text *text, size_t end)
{
    return end < text->length && text->bytes[end] == ':';
}

/* Every value, and every member (key and value) whose value is a string or a word. */
static struct spans find_values(const struct text *text)
{
    struct spans spans = {0};
    size_t open[DEPTH_MAX], depth = 0, key = 0, at = 0;
    bool after_key = false;
    while (at < text->length) {
        char c = text->bytes[at];
        size_t end = at + 1;
        if (c == '{' || c == '[') {
            if (depth < DEPTH_MAX)
                open[depth++] = at;
            after_key = false;
        } else if ((c == '}' || c == ']') && depth > 0) {
            add_span(&spans, open[--depth], end);
        } else if (c == '"' || !strchr(",:]} \t\r\n", c)) {
            end = c == '"' ? end_of_string(text, at) : end_of_word(text, at);
            if (c == '"' && is_key(text, end)) {
                key = at;
                after_key = true;
            } else {
                add_span(&spans, at, end);
                if (after_key)
                    add_span(&spans, key, end);
                after_key = false;
            }
        }
        at = end > at ? end : at + 1;
    }
    return spans;
}

/* -- putting something in its place -- */

static void replace(struct text *text, struct span span, const char *with, size_t length)
{
    size_t tail = text->length - span.to;
    char *bytes = malloc(span.from + length + tail + 1);
    MUST(bytes);
    memcpy(bytes, text->bytes, span.from);
    memcpy(bytes + span.from, with, length);
    memcpy(bytes + span.from + length, text->bytes + span.to, tail);
    free(text->bytes);
    text->bytes = bytes;
    text->length = span.from + length + tail;
}

static void replace_word(struct text *text, struct span span, struct tc_rng *rng)
{
    static const char *const words[] = {"null",
                                        "true",
                                        "false",
                                        "0",
                                        "-1",
                                        "-0",
                                        "1.5",
                                        "1e308",
                                        "-1e308",
                                        "1e-320",
                                        "1e400",
                                        "9007199254740993",
                                        "9223372036854775807",
                                        "-9223372036854775808",
                                        "18446744073709551616",
                                        "99999999999999999999999999",
                                        "NaN",
                                        "Infinity",
                                        "-Infinity",
                                        "nan",
                                        "0x10",
                                        "01",
                                        "1.",
                                        "\"\"",
                                        "\"ns\"",
                                        "\"B\"",
                                        "\"ok\"",
                                        "\"failed\"",
                                        "\"limited\"",
                                        "\"round\"",
                                        "\"floor\"",
                                        "\"threads\"",
                                        "\"\\u0000\"",
                                        "\"\\ud800\"",
                                        "\"\\u202e\"",
                                        "\"%s%n%d\"",
                                        "\"a\nb\"",
                                        "\"\xff\xfe\"",
                                        "\"\xc0\x80\"",
                                        "\"\xed\xa0\x80\"",
                                        "\"\xf4\x90\x80\x80\"",
                                        "\"\x1b[2J\"",
                                        "[]",
                                        "{}",
                                        "[null]",
                                        "[[]]",
                                        "[1,2]",
                                        "[0,18446744073709551615]",
                                        "[[0,1],[0,1]]",
                                        "[-1,-2]",
                                        "{\"absent\":true}",
                                        "{\"not_permitted\":true}",
                                        "{\"median\":1}",
                                        "\"",
                                        "'a'",
                                        "{",
                                        "]",
                                        ",",
                                        "",
                                        "\"one-core\"",
                                        "\"2026-11-21T20:00:00Z\"",
                                        "1000000001"};
    const char *word = words[tc_rng_below(rng, TC_COUNT_OF(words))];
    replace(text, span, word, strlen(word));
}

/* "[[[...]]]", with or without its other half. */
static void replace_nested(struct text *text, struct span span, struct tc_rng *rng)
{
    size_t depth = 1 + tc_rng_below(rng, NESTING_MAX), close = tc_rng_below(rng, 4) ? depth : 0;
    char *bytes = malloc(depth + close);
    MUST(bytes);
    memset(bytes, '[', depth);
    memset(bytes + depth, ']', close);
    replace(text, span, bytes, depth + close);
    free(bytes);
}

static void replace_long(struct text *text, struct span span, struct tc_rng *rng)
{
    size_t length = 2 + tc_rng_below(rng, LONG_MAX_BYTES);
    char *bytes = malloc(length);
    MUST(bytes);
    memset(bytes, tc_rng_below(rng, 2) ? 'a' : '9', length);
    if (tc_rng_below(rng, 4))
        bytes[0] = bytes[length - 1] = '"';
    replace(text, span, bytes, length);
    free(bytes);
}

/* Another part of the text: a member doubled, or a value of another kind. */
static void replace_by_other(struct text *text, struct span span, struct span other)
{
    char *bytes = malloc(other.to - other.from + 1);
    MUST(bytes);
    memcpy(bytes, text->bytes + other.from, other.to - other.from);
    replace(text, span, bytes, other.to - other.from);
    free(bytes);
}

/* The span and, as it is to be a member or an item of its own, a comma. */
static void insert_other(struct text *text, struct span at, struct span other)
{
    struct span before = {at.from, at.from};
    char *bytes = malloc(other.to - other.from + 2);
    MUST(bytes);
    memcpy(bytes, text->bytes + other.from, other.to - other.from);
    bytes[other.to - other.from] = ',';
    replace(text, before, bytes, other.to - other.from + 1);
    free(bytes);
}

static void drop(struct text *text, struct span span)
{
    if (span.to < text->length && text->bytes[span.to] == ',')
        span.to++;
    else if (span.from > 0 && text->bytes[span.from - 1] == ',')
        span.from--;
    replace(text, span, "", 0);
}

/* Changes a character within the span. */
static void nudge(struct text *text, struct span span, struct tc_rng *rng)
{
    static const char others[] = "0123456789eE.-+azAZ_/ ";
    if (span.to > span.from)
        text->bytes[span.from + tc_rng_below(rng, span.to - span.from)] =
            others[tc_rng_below(rng, sizeof others - 1)];
}

/* -- changes -- */

static void flip_bytes(struct text *text, struct tc_rng *rng)
{
    for (uint64_t i = 1 + tc_rng_below(rng, 8); i > 0 && text->length > 0; i--)
        text->bytes[tc_rng_below(rng, text->length)] ^= (char)(1 + tc_rng_below(rng, 255));
}

/* Strings, numbers and words, arrays, objects; a member with its key is a string by this. */
static int kind_at(const struct text *text, struct span span)
{
    char c = text->bytes[span.from];
    return c == '"' || c == '[' || c == '{' ? c : '0';
}

/* Puts a value of the same kind from elsewhere, or one near to it, in its place: what it gives is
 * often a valid result still, and gets past the checks to what is behind them. */
static void change_gently(struct text *text, struct tc_rng *rng)
{
    struct spans spans = find_values(text);
    for (int tries = 0; tries < 8 && spans.count > 0; tries++) {
        struct span span = spans.items[tc_rng_below(rng, spans.count)];
        struct span other = spans.items[tc_rng_below(rng, spans.count)];
        if (kind_at(text, span) != kind_at(text, other))
            continue;
        if (kind_at(text, span) == '0' && tc_rng_below(rng, 2))
            nudge(text, span, rng);
        else
            replace_by_other(text, span, other);
        break;
    }
    free(spans.items);
}

static void change(struct text *text, struct tc_rng *rng)
{
    struct spans spans = find_values(text);
    if (spans.count == 0) {
        free(spans.items);
        return;
    }
    struct span span = spans.items[tc_rng_below(rng, spans.count)];
    struct span other = spans.items[tc_rng_below(rng, spans.count)];
    switch (tc_rng_below(rng, 16)) {
    case 0:
        flip_bytes(text, rng);
        break;
    case 1:
        text->length = tc_rng_below(rng, text->length);
        break;
    case 2:
        replace_nested(text, span, rng);
        break;
    case 3:
        replace_long(text, span, rng);
        break;
    case 4:
    case 5:
        drop(text, span);
        break;
    case 6:
        insert_other(text, span, span);
        break;
    case 7:
        insert_other(text, span, other);
        break;
    case 8:
    case 9:
        replace_by_other(text, span, other);
        break;
    case 10:
    case 11:
        nudge(text, span, rng);
        break;
    default:
        replace_word(text, span, rng);
    }
    free(spans.items);
}

struct text mutate(const struct text *seed, struct tc_rng *rng)
{
    struct text copy = {malloc(seed->length + 1), seed->length};
    MUST(copy.bytes);
    memcpy(copy.bytes, seed->bytes, seed->length);
    bool gently = tc_rng_below(rng, 2);
    for (uint64_t i = 1 + tc_rng_below(rng, gently ? 2 : CHANGES_MAX); i > 0; i--) {
        if (gently)
            change_gently(&copy, rng);
        else
            change(&copy, rng);
    }
    return copy;
}
