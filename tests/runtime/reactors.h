/* SPDX-License-Identifier: MIT
 *
 * The same tests on both reactors: TEST_MAIN_REACTORS(tests) in the place of TEST_MAIN(tests) runs
 * each twice, as "NAME epoll" and "NAME io_uring". Where the kernel refuses io_uring, those are
 * skipped with its reason.
 */
#ifndef REACTORS_H
#define REACTORS_H

#include "counting.h"

static inline int choose_uring(void **state)
{
    (void)state;
    the_reactor = RT_REACTOR_URING;
    return 0;
}

/* Skips what the other reactor can't be asked, with the reason. */
static inline void epoll_only(const char *why)
{
    if (the_reactor == RT_REACTOR_EPOLL)
        return;
    print_message("skipped: %s\n", why);
    skip();
}

static inline int test_main_reactors(int argc, char **argv, const struct CMUnitTest *tests,
                                     size_t count)
{
    static char names[200][128];
    struct CMUnitTest both[200];
    assert_true(2 * count <= TC_COUNT_OF(both));
    for (size_t i = 0; i < 2 * count; i++) {
        both[i] = tests[i / 2];
        (void)snprintf(names[i], sizeof names[i], "%s %s", tests[i / 2].name,
                       i % 2 ? "io_uring" : "epoll");
        both[i].name = names[i];
        if (i % 2)
            both[i].setup_func = choose_uring;
    }
    return test_main(argc, argv, both, 2 * count);
}

#define TEST_MAIN_REACTORS(tests)                                         \
    int main(int argc, char **argv)                                       \
    {                                                                     \
        return test_main_reactors(argc, argv, tests, TC_COUNT_OF(tests)); \
    }

#endif
