/* SPDX-License-Identifier: MIT
 *
 * xoshiro256** with a splitmix64 seed; see rng.h for the source of the method.
 */
#include "base/rng.h"

#include "base/status.h"

static uint64_t splitmix64(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t rotate_left(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

void tc_rng_seed(struct tc_rng *rng, uint64_t seed)
{
    for (size_t i = 0; i < TC_COUNT_OF(rng->state); i++)
        rng->state[i] = splitmix64(&seed);
}

uint64_t tc_rng_next(struct tc_rng *rng)
{
    uint64_t *s = rng->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t tc_rng_below(struct tc_rng *rng, uint64_t bound)
{
    MUST(bound > 0);
    /* Values under 2^64 mod bound would make the small remainders likelier: draw again. */
    uint64_t floor = -bound % bound, value;
    do
        value = tc_rng_next(rng);
    while (value < floor);
    return value % bound;
}

void tc_rng_shuffle(struct tc_rng *rng, size_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)tc_rng_below(rng, i);
        size_t held = items[i - 1];
        items[i - 1] = items[j];
        items[j] = held;
    }
}
