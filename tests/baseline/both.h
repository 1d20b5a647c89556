/* SPDX-License-Identifier: MIT
 *
 * A test run twice: with pthread's condition, and with the futex.
 */
#ifndef BOTH_H
#define BOTH_H

#include "tb/cond.h"

static inline int use_textbook(void **state)
{
    (void)state;
    tb_cond_use_futex(false);
    return 0;
}

static inline int use_futex(void **state)
{
    (void)state;
    tb_cond_use_futex(true);
    return 0;
}

/* Two entries of the list of tests: with pthread's condition, with the futex. */
#define BOTH(test)                                  \
    cmocka_unit_test_setup(test, use_textbook),     \
    {                                               \
#test "_futex", test, use_futex, NULL, NULL \
    }

#endif
