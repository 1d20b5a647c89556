/* SPDX-License-Identifier: MIT
 *
 * Damages requests of the corpus (tests/http/requests.h): they are joined, cut, repeated, and get
 * words of HTTP, lines, numbers, blanks, control characters or runs of one byte where none belong.
 * An input is a function of the generator alone.
 */
#ifndef FUZZ_MUTATE_HTTP_H
#define FUZZ_MUTATE_HTTP_H

#include "base/rng.h"

#include <stddef.h>

enum { HTTP_INPUT_MAX = 4096 };

/* Writes an input of at most HTTP_INPUT_MAX bytes and returns its size. Half of the inputs are
 * one to four requests of the corpus, whole or not; the others are damaged besides. */
size_t mutate_http(char *input, struct tc_rng *rng);

#endif
