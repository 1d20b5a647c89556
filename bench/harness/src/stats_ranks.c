/* SPDX-License-Identifier: MIT
 *
 * Two independent samples by their ranks: the Mann-Whitney test and the interval of the shift that
 * it inverts to. Both rest on the distribution of U, the number of pairs in which the value of `a`
 * is the larger one; for small samples it is counted, else it is a normal one.
 */
#include "base/status.h"
#include "harness/stats.h"

#include <math.h>
#include <stdlib.h>

enum { EXACT_BELOW = 50 };

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    MUST(memory);
    return memory;
}

/* -- the distribution of U -- */

static bool is_small(size_t na, size_t nb)
{
    return na < EXACT_BELOW && nb < EXACT_BELOW;
}

/* P(U <= u) for u from 0 to na * nb, to be freed. Every choice of na of the na + nb ranks is
 * equally likely: ways[k][s] counts those of k ranks whose sum is s above the smallest possible
 * one, rank by rank as for the knapsack; only additions, so that doubles keep their 15 digits. */
static double *count_choices(size_t na, size_t nb)
{
    size_t sums = na * nb + 1;
    double *ways = zeroed((na + 1) * sums, sizeof *ways), *tail = zeroed(sums, sizeof *tail);
    double total = 0;
    ways[0] = 1;
    for (size_t rank = 0; rank < na + nb;
         rank++) /* k - 1 chosen below it: it adds rank - (k - 1) */
        for (size_t k = rank < na ? rank + 1 : na; k >= 1; k--)
            for (size_t sum = rank - (k - 1); sum < sums; sum++)
                ways[k * sums + sum] += ways[(k - 1) * sums + sum - (rank - (k - 1))];
    for (size_t u = 0; u < sums; u++) {
        total += ways[na * sums + u];
        tail[u] = total;
    }
    for (size_t u = 0; u < sums; u++)
        tail[u] /= total;
    free(ways);
    return tail;
}

/* P(Z >= z) of the standard normal distribution. */
static double normal_above(double z)
{
    return erfc(z / sqrt(2)) / 2;
}

/* The variance of U; `ties` is the sum of t^3 - t over groups of t equal values. */
static double variance_of_u(double na, double nb, double ties)
{
    double all = na + nb;
    return na * nb / 12 * (all + 1 - ties / (all * (all - 1)));
}

/* -- the test -- */

struct ranked {
    double value;
    bool of_a;
};

static int compare_ranked(const void *a, const void *b)
{
    double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;
    return (x > y) - (x < y);
}

static struct ranked *pool_of(const double *a, size_t na, const double *b, size_t nb)
{
    struct ranked *pool = zeroed(na + nb, sizeof *pool);
    for (size_t i = 0; i < na; i++)
        pool[i] = (struct ranked){a[i], true};
    for (size_t i = 0; i < nb; i++)
        pool[na + i] = (struct ranked){b[i], false};
    qsort(pool, na + nb, sizeof *pool, compare_ranked);
    return pool;
}

/* U of `a`, where a pair of equal values counts half; and the sum of t^3 - t. */
static double u_of(const struct ranked *pool, size_t count, double *ties)
{
    double u = 0, lower = 0; /* values of b below the group */
    *ties = 0;
    for (size_t first = 0, next; first < count; first = next) {
        double of_a = 0, of_b = 0;
        for (next = first; next < count && pool[next].value == pool[first].value; next++)
            *(pool[next].of_a ? &of_a : &of_b) += 1;
        double group = of_a + of_b;
        u += of_a * (lower + of_b / 2);
        lower += of_b;
        *ties += group * group * group - group;
    }
    return u;
}

static double exact_p(double u, size_t na, size_t nb)
{
    double *tail = count_choices(na, nb);
    double smaller = fmin(u, (double)(na * nb) - u); /* the distribution is symmetric */
    double p = fmin(1, 2 * tail[(size_t)smaller]);
    free(tail);
    return p;
}

static double approximate_p(double u, double na, double nb, double ties)
{
    double variance = variance_of_u(na, nb, ties);
    if (variance <= 0) /* all values are equal */
        return 1;
    return fmin(1, 2 * normal_above((fabs(u - na * nb / 2) - 0.5) / sqrt(variance)));
}

double tc_mann_whitney(const double *a, size_t na, const double *b, size_t nb)
{
    double ties;
    if (na == 0 || nb == 0)
        return NAN;
    struct ranked *pool = pool_of(a, na, b, nb);
    double u = u_of(pool, na + nb, &ties);
    free(pool);
    if (ties == 0 && is_small(na, nb))
        return exact_p(u, na, nb);
    return approximate_p(u, (double)na, (double)nb, ties);
}

/* -- the shift -- */

/* How many of the sorted differences lie outside the interval on either side, its end included: the
 * largest k with P(U <= k - 1) of at most half of what the level leaves; 0 when there is none. */
static size_t shift_rank(size_t na, size_t nb, double level)
{
    double bound = (1 - level) / 2 + 1e-12, middle = (double)na * (double)nb / 2;
    double deviation = sqrt(variance_of_u((double)na, (double)nb, 0));
    double *tail = is_small(na, nb) ? count_choices(na, nb) : NULL;
    size_t k = 0;
    while ((double)k < middle &&
           (tail ? tail[k] : normal_above((middle - (double)k - 0.5) / deviation)) <= bound)
        k++;
    free(tail);
    return k;
}

void tc_shift_ci(const double *a, size_t na, const double *b, size_t nb, double level,
                 double *shift, double *low, double *high)
{
    size_t count = na * nb;
    *shift = *low = *high = NAN;
    if (count == 0)
        return;
    double *differences = zeroed(count, sizeof *differences);
    for (size_t i = 0; i < count; i++)
        differences[i] = b[i % nb] - a[i / nb];
    tc_sort(differences, count);
    *shift = tc_quantile_sorted(differences, count, 0.5);
    size_t rank = shift_rank(na, nb, level);
    if (rank > 0) {
        *low = differences[rank - 1];
        *high = differences[count - rank];
    }
    free(differences);
}
