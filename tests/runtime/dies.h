/* SPDX-License-Identifier: MIT
 *
 * Asserts that a broken promise ends the program.
 */
#ifndef DIES_H
#define DIES_H

#include "test_main.h"

static inline void dies(void (*offend)(void))
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGABRT, SIG_DFL); /* cmocka catches it in the parent */
        offend();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

#endif
