/* SPDX-License-Identifier: MIT
 *
 * A made-up machine: a folder that stands in for the root of the file system, filled file by file,
 * and what a reading of it should be in its three states. One a test program.
 */
#ifndef FAKE_ROOT_H
#define FAKE_ROOT_H

#include "harness/json.h"

#include "test_main.h"

#include <ftw.h>
#include <sys/stat.h>

static char root[] = "/tmp/taskcost-root-XXXXXX";

static inline int make_root(void **state)
{
    (void)state;
    return mkdtemp(root) ? 0 : -1;
}

static inline int remove_one(const char *path, const struct stat *status, int kind,
                             struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static inline int remove_root(void **state)
{
    (void)state;
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void put(const char *path, const char *text)
{
    char whole[512];
    snprintf(whole, sizeof whole, "%s%s", root, path);
    for (char *slash = whole + strlen(root); (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        mkdir(whole, 0777);
        *slash = '/';
    }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static inline void assert_text(const tc_json *value, const char *expected)
{
    assert_string_equal(tcj_text(value, "(not a string)"), expected);
}

static inline void assert_number(const tc_json *value, double expected)
{
    double number = -12345;
    tcj_read_number(value, &number);
    assert_true(number > expected - 1e-9 && number < expected + 1e-9);
}

static inline void assert_truth(const tc_json *value, bool expected)
{
    bool truth = !expected;
    assert_true(tcj_read_bool(value, &truth));
    assert_true(truth == expected);
}

static inline void assert_state(const tc_json *value, const char *state)
{
    assert_truth(tcj_get(value, state), true);
}

/* A test that starts with an empty root. */
#define ON_A_MACHINE(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

#endif
