/* SPDX-License-Identifier: MIT
 *
 * A small seeded random number generator for shuffles and tests: xoshiro256**,
 * seeded through splitmix64 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators",
 * ACM TOMS 47, 2021). Same seed, same sequence, on every machine. Not for secrets.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct tc_rng {
    uint64_t state[4];
};

/* Any seed is good, 0 included. */
void tc_rng_seed(struct tc_rng *rng, uint64_t seed);

uint64_t tc_rng_next(struct tc_rng *rng);

/* Uniform in [0, bound), without modulo bias; `bound` must not be 0. */
uint64_t tc_rng_below(struct tc_rng *rng, uint64_t bound);

/* Fisher-Yates shuffle of `count` indices. */
void tc_rng_shuffle(struct tc_rng *rng, size_t *items, size_t count);

#endif
