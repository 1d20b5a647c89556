/* SPDX-License-Identifier: MIT
 *
 * One writer a file, whatever became of the last one.
 */
#include "harness/lock.h"

#include "test_main.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static char folder[32], path[64], lock_path[80];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/taskcost-lock-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/r.json", folder);
    snprintf(lock_path, sizeof lock_path, "%s.lock", path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(lock_path);
    unlink(path);
    return rmdir(folder);
}

static void the_second_is_told_who_is_first(void **state)
{
    (void)state;
    struct tc_lock first, second;
    struct tc_error err = {""};
    char process[32];
    snprintf(process, sizeof process, "process %d)", (int)getpid());
    assert_int_equal(tc_lock_take(&first, path, &err), 0);
    assert_int_equal(tc_lock_take(&second, path, &err), -EBUSY);
    assert_non_null(strstr(err.text, path));
    assert_non_null(strstr(err.text, process));
    tc_lock_release(&second); /* had nothing */
    assert_int_equal(access(lock_path, F_OK), 0);
    tc_lock_release(&first);
    assert_int_not_equal(access(lock_path, F_OK), 0); /* removed when done */
    assert_int_equal(tc_lock_take(&second, path, &err), 0);
    tc_lock_release(&second);
}

static void a_killed_holder_locks_nothing(void **state)
{
    (void)state;
    struct tc_lock lock;
    struct tc_error err = {""};
    int ready[2], status;
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t holder = fork();
    if (holder == 0) {
        struct tc_lock held;
        if (tc_lock_take(&held, path, NULL) < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(tc_lock_take(&lock, path, &err), -EBUSY);
    tc_lock_release(&lock);
    kill(holder, SIGKILL);
    assert_int_equal(waitpid(holder, &status, 0), holder);
    assert_int_equal(access(lock_path, F_OK), 0); /* left behind ... */
    assert_int_equal(tc_lock_take(&lock, path, &err), 0);
    tc_lock_release(&lock);
    close(ready[0]);
    close(ready[1]);
}

static void a_link_is_its_target(void **state)
{
    (void)state;
    struct tc_lock lock, other;
    struct tc_error err = {""};
    char link[80];
    snprintf(link, sizeof link, "%s/link", folder);
    close(open(path, O_CREAT | O_WRONLY, 0644));
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(tc_lock_take(&lock, path, &err), 0);
    assert_int_equal(tc_lock_take(&other, link, &err), -EBUSY);
    tc_lock_release(&other);
    tc_lock_release(&lock);
    unlink(link);
}

static void where_nothing_can_be_made_it_says_so(void **state)
{
    (void)state;
    struct tc_lock lock;
    struct tc_error err = {""};
    assert_int_equal(tc_lock_take(&lock, "/nonexistent/r.json", &err), -ENOENT);
    assert_non_null(strstr(err.text, "'/nonexistent/r.json' cannot be written"));
    tc_lock_release(&lock);
}

#define LOCKED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
static const struct CMUnitTest tests[] = {
    LOCKED(the_second_is_told_who_is_first),
    LOCKED(a_killed_holder_locks_nothing),
    LOCKED(a_link_is_its_target),
    LOCKED(where_nothing_can_be_made_it_says_so),
};
TEST_MAIN(tests)
