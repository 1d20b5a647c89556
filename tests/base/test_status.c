/* SPDX-License-Identifier: MIT
 *
 * How failures travel: the code is handed through, the sentence fits, names of codes, and a broken
 * promise of our own ends the process in every build, naming itself.
 */
#include "test_main.h"

#include "base/status.h"

#include <sys/wait.h>

static void test_failing_returns_the_code_and_the_sentence(void **state)
{
    struct tc_error err;
    (void)state;
    assert_int_equal(tc_fail(&err, -ENOENT, "no %s in %d places", "luck", 3), -ENOENT);
    assert_string_equal(err.text, "no luck in 3 places");
    assert_int_equal(tc_fail(NULL, -EPERM, "to nobody"), -EPERM);
}

static void test_a_long_sentence_is_cut(void **state)
{
    struct tc_error err;
    (void)state;
    tc_fail(&err, -EINVAL, "%03000d", 7);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void test_codes_have_names(void **state)
{
    (void)state;
    assert_string_equal(tc_errno_name(EAGAIN), "EAGAIN");
    assert_string_equal(tc_errno_name(-EAGAIN), "EAGAIN");
    assert_string_equal(tc_errno_name(-99999), "unknown error");
}

/* How a child that does this ended; what it said on standard error is in `said`. */
static int run_apart(void (*act)(void), char *said, size_t size)
{
    int fds[2], status;
    assert_int_equal(pipe(fds), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(fds[1], STDERR_FILENO);
        act();
        _exit(0);
    }
    close(fds[1]);
    ssize_t count = read(fds[0], said, size - 1);
    said[count > 0 ? count : 0] = '\0';
    close(fds[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void break_a_promise(void)
{
    MUST(1 + 1 == 3);
}

static void keep_a_promise(void)
{
    MUST(1 + 1 == 2);
}

static void succeed_as_failure(void)
{
    tc_fail(NULL, 0, "0 is success");
}

static void test_a_broken_promise_ends_the_process(void **state)
{
    char said[512];
    (void)state;
    int status = run_apart(break_a_promise, said, sizeof said);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    assert_non_null(strstr(said, "taskcost: bug: "));
    assert_non_null(strstr(said, __FILE__));
    assert_non_null(strstr(said, "1 + 1 == 3"));
    status = run_apart(keep_a_promise, said, sizeof said);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_string_equal(said, "");
}

static void test_failing_needs_a_failure(void **state)
{
    char said[512];
    (void)state;
    int status = run_apart(succeed_as_failure, said, sizeof said);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_failing_returns_the_code_and_the_sentence),
    cmocka_unit_test(test_a_long_sentence_is_cut),
    cmocka_unit_test(test_codes_have_names),
    cmocka_unit_test(test_a_broken_promise_ends_the_process),
    cmocka_unit_test(test_failing_needs_a_failure),
};
TEST_MAIN(tests)
