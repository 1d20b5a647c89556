/* SPDX-License-Identifier: MIT
 *
 * Runs cmocka tests each in a process of its own with a time limit, so that one crash or hang costs
 * one test. A test file ends with
 *
 *     static const struct CMUnitTest tests[] = {cmocka_unit_test(...), ...};
 *     TEST_MAIN(tests)
 *
 * Prints TAP. With an argument, runs the tests of that name only, in this process, for a debugger.
 */
#ifndef TEST_MAIN_H
#define TEST_MAIN_H

/* cmocka wants these before it, so they are a block of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef TEST_TIME_LIMIT_S
#define TEST_TIME_LIMIT_S 60
#endif

#define TEST_MAIN(tests)                                                       \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        return test_main(argc, argv, tests, sizeof(tests) / sizeof(tests)[0]); \
    }

static inline int test_run_here(const struct CMUnitTest *test)
{
    return _cmocka_run_group_tests(test->name, test, 1, NULL, NULL);
}

static inline void test_replay(FILE *log)
{
    char line[512];
    rewind(log);
    while (fgets(line, sizeof line, log))
        printf("# %s%s", line, strchr(line, '\n') ? "" : "\n");
}

/* Why the test skipped itself, in `reason`: it says "skipped: WHY" before it calls skip(). */
static inline int test_was_skipped(FILE *log, char *reason, size_t size)
{
    char line[512];
    int skipped = 0;
    rewind(log);
    snprintf(reason, size, "no reason given");
    while (fgets(line, sizeof line, log)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "skipped: ", 9) == 0)
            snprintf(reason, size, "%.*s", (int)size - 1, line + 9);
        skipped = skipped || strstr(line, "[  SKIPPED ]");
    }
    return skipped;
}

/* 1 if the test passed. Its output is shown only when it did not. */
static inline int test_run_apart(const struct CMUnitTest *test, size_t number)
{
    FILE *log = tmpfile();
    if (!log) {
        perror("# tmpfile");
        return 0;
    }
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        dup2(fileno(log), STDOUT_FILENO);
        dup2(fileno(log), STDERR_FILENO);
        setpgid(0, 0);
        alarm(TEST_TIME_LIMIT_S);
        int failed = test_run_here(test);
        fflush(stdout);
        exit(failed ? 1 : 0); /* exit, not _exit: the leak check of ASan runs at exit */
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    kill(-child, SIGKILL); /* whatever the test left running */
    int passed = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    char reason[256];
    if (passed && test_was_skipped(log, reason, sizeof reason))
        printf("ok %zu - %s # SKIP %s\n", number, test->name, reason);
    else
        printf("%sok %zu - %s\n", passed ? "" : "not ", number, test->name);
    if (!passed) {
        if (WIFSIGNALED(status))
            printf("# ended by signal %d (%s)%s\n", WTERMSIG(status), strsignal(WTERMSIG(status)),
                   WTERMSIG(status) == SIGALRM ? ": time limit" : "");
        test_replay(log);
    }
    fclose(log);
    return passed;
}

static inline int test_main(int argc, char **argv, const struct CMUnitTest *tests, size_t count)
{
    size_t failed = 0;
    if (argc > 1) {
        for (size_t i = 0; i < count; i++)
            if (strcmp(tests[i].name, argv[1]) == 0)
                return test_run_here(&tests[i]);
        fprintf(stderr, "no test is named %s\n", argv[1]);
        return 2;
    }
    printf("1..%zu\n", count);
    for (size_t i = 0; i < count; i++)
        failed += !test_run_apart(&tests[i], i + 1);
    return failed ? 1 : 0;
}

#endif
