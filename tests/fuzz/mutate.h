/* SPDX-License-Identifier: MIT
 *
 * Damages JSON texts, mostly so that they stay JSON: members dropped, doubled, moved and of other
 * types; numbers that no double or integer holds; what NaN is not; nesting; text that is no UTF-8;
 * and now and then plain bytes flipped, or the end missing. It works on the text, as the reader it
 * tests is not to be trusted with the tree.
 */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include "base/rng.h"

#include <stddef.h>

struct text {
    char *bytes;
    size_t length;
};

/* A damaged copy, to be freed by the caller: one to four changes drawn from the
 * generator, every other time gentle ones, which keep each value's kind. */
struct text mutate(const struct text *seed, struct tc_rng *rng);

#endif
