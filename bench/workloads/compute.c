/* SPDX-License-Identifier: MIT
 *
 * N tasks that compute and wait for nothing: spawned, then joined. There is nothing for an
 * asynchronous runtime to do better, and on one thread nothing that it could do at the same time:
 * the counterpart of all the workloads that wait. Two problems with known answers:
 *
 *   queens   all ways to put ten queens on a board of ten by ten, by backtracking over bit sets of
 *            free columns and diagonals (M. Richards, "Backtracking Algorithms in MCPL using Bit
 *            Patterns and Recursion", 1997): 724
 *   matrix   a triangle of ones times its inverse, 48 by 48: the unit matrix
 *
 * Both run in registers and in less of a stack than the smallest that is measured.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

typedef int64_t problem_fn(int64_t size);

/* -- queens -- */

enum { QUEENS = 10, QUEENS_ANSWER = 724 };

/* A bit a column: taken, and under attack along either diagonal in this row. */
static int64_t place_queens(uint32_t all, uint32_t taken, uint32_t left, uint32_t right)
{
    int64_t found = 0;
    if (taken == all)
        return 1;
    for (uint32_t free = all & ~(taken | left | right); free; free &= free - 1) {
        uint32_t column = free & -free;
        found += place_queens(all, taken | column, (left | column) << 1, (right | column) >> 1);
    }
    return found;
}

__attribute__((noinline)) static int64_t queens(int64_t size)
{
    return place_queens((UINT32_C(1) << size) - 1, 0, 0, 0);
}

/* -- matrix -- */

enum { MATRIX = 48 };

/* The elements of A*B that are as they should be in the unit matrix. */
__attribute__((noinline)) static int64_t matrix(int64_t size)
{
    int32_t a[MATRIX][MATRIX], b[MATRIX][MATRIX], product[MATRIX][MATRIX];
    int64_t right = 0;
    memset(product, 0, sizeof product);
    for (int64_t i = 0; i < size; i++)
        for (int64_t j = 0; j < size; j++) {
            a[i][j] = j <= i;
            b[i][j] = (i == j) - (i == j + 1);
        }
    for (int64_t i = 0; i < size; i++)
        for (int64_t k = 0; k < size; k++)
            for (int64_t j = 0; j < size; j++)
                product[i][j] += a[i][k] * b[k][j];
    for (int64_t i = 0; i < size; i++)
        for (int64_t j = 0; j < size; j++)
            right += product[i][j] == (i == j);
    return right;
}

/* -- which -- */

struct problem {
    const char *name;
    problem_fn *solve;
    int64_t size, answer;
};

static const struct problem *chosen_problem(struct wl_round *round)
{
    static const struct problem problems[] = {{"queens", queens, QUEENS, QUEENS_ANSWER},
                                              {"matrix", matrix, MATRIX, MATRIX * MATRIX}};
    for (size_t i = 0; i < TC_COUNT_OF(problems); i++)
        if (strcmp(wl_param(round, "problem"), problems[i].name) == 0)
            return &problems[i];
    wl_wrong(round, "problem '%s' is neither queens nor matrix", wl_param(round, "problem"));
}

#ifdef MODEL_FLOOR

/* The computations alone, one after another. */
static void run(struct wl_round *round)
{
    const struct problem *problem = chosen_problem(round);
    uint64_t tasks = wl_tasks(round), laps;
    while ((laps = wl_next_sample(round)) > 0) {
        uint64_t start_ns = tc_now_ns();
        for (uint64_t i = 0; i < laps * tasks; i++)
            WL_EXPECT(round, problem->solve(problem->size), problem->answer);
        wl_record(round, tc_now_ns() - start_ns, laps * tasks);
    }
}

#else

TASK(solver, { const struct problem *problem; })
{
    TASK_BEGIN;
    TASK_RETURN(self->problem->solve(self->problem->size));
    TASK_END;
}

TASK(driver, {
    struct wl_round *round;
    const struct problem *problem;
    handle_t *handles;
    uint64_t tasks;
    uint64_t laps;
    uint64_t lap;
    uint64_t i;
    uint64_t start_ns;
    int64_t result;
})
{
    TASK_BEGIN;
    while ((self->laps = wl_next_sample(self->round)) > 0) {
        self->start_ns = tc_now_ns();
        for (self->lap = 0; self->lap < self->laps; self->lap++) {
            for (uint64_t i = 0; i < self->tasks; i++)
                WL_TRY(self->round, SPAWN(solver, &self->handles[i], {.problem = self->problem}),
                       i);
            for (self->i = 0; self->i < self->tasks; self->i++) {
                AWAIT_INTO(self->result, task_join(self->handles[self->i]));
                WL_EXPECT(self->round, self->result, self->problem->answer);
            }
        }
        wl_record(self->round, tc_now_ns() - self->start_ns, self->laps * self->tasks);
    }
    TASK_END;
}

static void run(struct wl_round *round)
{
    const struct problem *problem = chosen_problem(round);
    handle_t *handles = wl_alloc(round, wl_tasks(round), sizeof *handles);
    WL_TRY(round,
           RUN(round, driver,
               {.round = round, .problem = problem, .handles = handles, .tasks = wl_tasks(round)}),
           0);
    free(handles);
}

#endif

const struct workload compute = {
    .name = "compute",
    .question = "what do tasks cost that only compute?",
    .metrics = {{.name = "compute", .unit = "ns"}},
    .params = {{"problem", "queens,matrix", "ten queens, or a product of matrices of 48 by 48"}},
    .sweeps = {{"default", "async,threads,threads-pool,floor", "one-core", "100", ""},
               {"full", "async,threads,threads-pool", "all", "100", ""},
               {"full", "async,threads,threads-pool,floor", "one-core", "100", "problem=matrix"},
               {"full", "async,threads,threads-pool", "all", "100", "problem=matrix"},
               {"full", "async,threads,threads-pool,floor", "one-core", "1000", ""}},
    .tasks_min = 1,
    .tasks_default = 100,
    .run = run,
};
