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

/* Another process that holds the lock of `path` until it is killed, and its child. */
static pid_t start_holder(pid_t *child)
{
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t holder = fork();
    if (holder == 0) {
        struct tc_lock held;
        int code = tc_lock_take(&held, path, NULL);
        pid_t own = fork();
        if (own != 0 && (code < 0 || write(ready[1], &own, sizeof own) != sizeof own))
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], child, sizeof *child), sizeof *child);
    close(ready[0]);
    return holder;
}

static void end_holder(pid_t holder)
{
    int status;
    kill(holder, SIGKILL);
    assert_int_equal(waitpid(holder, &status, 0), holder);
}

static void the_second_is_told_who_is_first(void **state)
{
    (void)state;
    struct tc_lock lock;
    struct tc_error err = {""};
    char process[32];
    pid_t child, holder = start_holder(&child);
    snprintf(process, sizeof process, "process %d)", (int)holder);
    assert_int_equal(tc_lock_take(&lock, path, &err), -EBUSY);
    assert_non_null(strstr(err.text, path));
    assert_non_null(strstr(err.text, process));
    tc_lock_release(&lock); /* had nothing */
    assert_int_equal(access(lock_path, F_OK), 0);
    end_holder(holder);
    kill(child, SIGKILL);
}

/* Nor does a child of its: a worker on its way to exec. */
static void a_killed_holder_locks_nothing(void **state)
{
    (void)state;
    struct tc_lock lock;
    struct tc_error err = {""};
    pid_t child;
    end_holder(start_holder(&child));
    assert_int_equal(kill(child, 0), 0);          /* alive */
    assert_int_equal(access(lock_path, F_OK), 0); /* left behind ... */
    assert_int_equal(tc_lock_take(&lock, path, &err), 0);
    tc_lock_release(&lock);
    assert_int_not_equal(access(lock_path, F_OK), 0); /* ... and removed by who is done */
    kill(child, SIGKILL);
}

static void a_link_is_its_target(void **state)
{
    (void)state;
    struct tc_lock lock;
    struct tc_error err = {""};
    char link[80];
    snprintf(link, sizeof link, "%s/link", folder);
    close(open(path, O_CREAT | O_WRONLY, 0644));
    assert_int_equal(symlink(path, link), 0);
    pid_t child, holder = start_holder(&child);
    assert_int_equal(tc_lock_take(&lock, link, &err), -EBUSY);
    tc_lock_release(&lock);
    end_holder(holder);
    kill(child, SIGKILL);
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
