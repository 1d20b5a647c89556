/* SPDX-License-Identifier: MIT
 *
 * Raising limits on a made-up machine: what would be set, what is set, and that every value is put
 * back, whatever ended the run.
 */
#include "harness/raise.h"

#include "fake_root.h"
#include "test_main.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct tc_raises raises;

static void assert_file(const char *path, const char *expected)
{
    char whole[512], text[64] = "";
    snprintf(whole, sizeof whole, "%s%s", root, path);
    FILE *file = fopen(whole, "r");
    assert_non_null(file);
    if (!fgets(text, sizeof text, file))
        text[0] = '\0';
    fclose(file);
    text[strcspn(text, "\n")] = '\0';
    assert_string_equal(text, expected);
}

static bool has_journal(void)
{
    char whole[512];
    snprintf(whole, sizeof whole, "%s%s", root, TC_RAISE_JOURNAL);
    return access(whole, F_OK) == 0;
}

static int setup(void **state)
{
    int code = make_root(state);
    put("/run/x", "");
    put("/proc/self/limits",
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max processes             500                  600                  processes \n"
        "Max open files            1024                 unlimited            files     \n"
        "Max address space         unlimited            unlimited            bytes     \n");
    put("/proc/self/status", "Uid:\t0\nThreads:\t1\n");
    put("/proc/self/cgroup", "8:pids:/a/b\n");
    put("/proc/sys/kernel/pid_max", "32768\n");
    put("/proc/sys/kernel/threads-max", "9999999\n");
    put("/proc/sys/vm/max_map_count", "65530\n");
    put("/sys/fs/cgroup/pids/a/b/pids.max", "max\n");
    put("/sys/fs/cgroup/pids/a/b/pids.current", "3\n");
    put("/sys/fs/cgroup/pids/a/pids.max", "70\n");
    put("/sys/fs/cgroup/pids/a/pids.current", "9\n");
    return code;
}

static void assert_raise(size_t index, const char *name, const char *old, const char *new)
{
    assert_string_equal(raises.items[index].name, name);
    assert_string_equal(raises.items[index].old, old);
    assert_string_equal(raises.items[index].new, new);
    assert_true(raises.items[index].permitted);
}

static void assert_untouched(void)
{
    assert_file("/proc/sys/kernel/pid_max", "32768");
    assert_file("/proc/sys/vm/max_map_count", "65530");
    assert_file("/sys/fs/cgroup/pids/a/pids.max", "70");
    assert_false(has_journal());
}

static void assert_raised(void)
{
    assert_file("/proc/sys/kernel/pid_max", "4194304");
    assert_file("/proc/sys/vm/max_map_count", "8454144");
    assert_file("/sys/fs/cgroup/pids/a/pids.max", "max");
    assert_file("/sys/fs/cgroup/pids/a/b/pids.max", "max");
    assert_file("/proc/sys/kernel/threads-max", "9999999");
    assert_true(has_journal());
}

static void the_plan_names_what_is_low_and_changes_nothing(void **state)
{
    (void)state;
    tc_raise_plan(&raises, root);
    assert_int_equal(raises.count, 5);
    assert_raise(0, "RLIMIT_NPROC", "500", "600");
    assert_raise(1, "RLIMIT_NOFILE", "1024", "unlimited");
    assert_raise(2, "kernel.pid_max", "32768", "4194304");
    assert_raise(3, "vm.max_map_count", "65530", "8454144");
    assert_raise(4, "cgroup pids.max", "70", "max");
    assert_string_equal(raises.items[4].path, "/sys/fs/cgroup/pids/a/pids.max");
    assert_untouched();
}

static void what_is_raised_is_put_back(void **state)
{
    (void)state;
    struct tc_error err;
    size_t count;
    tc_raise_plan(&raises, root);
    assert_int_equal(tc_raise_apply(&raises, root, &err), 0);
    assert_raised();
    assert_int_equal(tc_raise_undo(&raises, root, &count, &err), 0);
    assert_int_equal(count, 3);
    assert_untouched();
    assert_int_equal(tc_raise_undo(NULL, root, &count, &err), 0);
    assert_int_equal(count, 0);
}

/* Raises in a child, which is killed. */
static void raise_and_die(void)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        tc_raise_plan(&raises, root);
        if (tc_raise_apply(&raises, root, NULL) == 0)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void after_kill_9_the_journal_puts_them_back(void **state)
{
    (void)state;
    struct tc_error err;
    size_t count;
    raise_and_die();
    assert_raised();
    tc_raise_plan(&raises, root);
    assert_int_equal(tc_raise_apply(&raises, root, &err), -EBUSY);
    assert_non_null(strstr(err.text, "--restore"));
    assert_int_equal(tc_raise_undo(NULL, root, &count, &err), 0);
    assert_int_equal(count, 3);
    assert_untouched();
}

static void what_another_process_has_raised_is_left_to_it(void **state)
{
    (void)state;
    struct tc_error err;
    size_t count;
    char journal[256];
    snprintf(journal, sizeof journal,
             "{\"process\": %d, \"changes\": [{\"name\": \"kernel.pid_max\", "
             "\"path\": \"/proc/sys/kernel/pid_max\", \"old\": \"7\", \"new\": \"8\"}]}",
             (int)getppid());
    put(TC_RAISE_JOURNAL, journal);
    tc_raise_plan(&raises, root);
    assert_int_equal(tc_raise_apply(&raises, root, &err), -EBUSY);
    assert_non_null(strstr(err.text, "wait until it has ended"));
    assert_int_equal(tc_raise_undo(NULL, root, &count, &err), -EBUSY);
    assert_file("/proc/sys/kernel/pid_max", "32768");
}

static void what_can_not_be_put_back_stays_in_the_journal(void **state)
{
    (void)state;
    struct tc_error err;
    size_t count;
    char whole[512];
    tc_raise_plan(&raises, root);
    assert_int_equal(tc_raise_apply(&raises, root, &err), 0);
    snprintf(whole, sizeof whole, "%s/proc/sys/kernel/pid_max", root);
    assert_int_equal(remove(whole), 0);
    assert_int_equal(mkdir(whole, 0777), 0); /* can't be written, by root neither */
    assert_int_equal(tc_raise_undo(&raises, root, &count, &err), -EIO);
    assert_non_null(strstr(err.text, "/proc/sys/kernel/pid_max (was 32768"));
    assert_int_equal(count, 2);
    assert_file("/sys/fs/cgroup/pids/a/pids.max", "70");
    assert_true(has_journal());
    assert_int_equal(rmdir(whole), 0);
    put("/proc/sys/kernel/pid_max", "4194304\n");
    assert_int_equal(tc_raise_undo(NULL, root, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_untouched();
}

static void when_one_can_not_be_set_the_others_are_put_back(void **state)
{
    (void)state;
    struct tc_error err;
    char whole[512];
    tc_raise_plan(&raises, root);
    snprintf(whole, sizeof whole, "%s/sys/fs/cgroup/pids/a/pids.max", root);
    assert_int_equal(remove(whole), 0);
    assert_int_equal(mkdir(whole, 0777), 0);
    assert_true(tc_raise_apply(&raises, root, &err) < 0);
    assert_non_null(strstr(err.text, "pids.max could not be set to max"));
    assert_file("/proc/sys/kernel/pid_max", "32768");
    assert_file("/proc/sys/vm/max_map_count", "65530");
}

static void without_a_journal_nothing_is_changed(void **state)
{
    (void)state;
    struct tc_error err;
    char whole[512];
    snprintf(whole, sizeof whole, "%s/run/x", root);
    assert_int_equal(remove(whole), 0);
    snprintf(whole, sizeof whole, "%s/run", root);
    assert_int_equal(rmdir(whole), 0);
    tc_raise_plan(&raises, root);
    assert_true(tc_raise_apply(&raises, root, &err) < 0);
    assert_non_null(strstr(err.text, "nothing is changed"));
    assert_untouched();
}

static void a_journal_that_was_only_begun_changed_nothing(void **state)
{
    (void)state;
    struct tc_error err;
    size_t count;
    put(TC_RAISE_JOURNAL, "");
    assert_int_equal(tc_raise_undo(NULL, root, &count, &err), 0);
    assert_untouched();
    put(TC_RAISE_JOURNAL, "{\"changes\": 5}");
    assert_int_equal(tc_raise_undo(NULL, root, &count, &err), -EINVAL);
    assert_non_null(strstr(err.text, "is no note of raised limits"));
    put(TC_RAISE_JOURNAL, "not JSON");
    assert_int_equal(tc_raise_undo(NULL, root, &count, &err), -EINVAL);
}

static void a_group_that_is_gone_has_no_limit_to_put_back(void **state)
{
    (void)state;
    struct tc_error err;
    size_t count;
    char whole[512];
    tc_raise_plan(&raises, root);
    assert_int_equal(tc_raise_apply(&raises, root, &err), 0);
    snprintf(whole, sizeof whole, "%s/sys/fs/cgroup/pids/a/pids.max", root);
    assert_int_equal(remove(whole), 0);
    assert_int_equal(tc_raise_undo(&raises, root, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_false(has_journal());
}

#define ON_THIS_MACHINE(test) cmocka_unit_test_setup_teardown(test, setup, remove_root)

static const struct CMUnitTest tests[] = {
    ON_THIS_MACHINE(the_plan_names_what_is_low_and_changes_nothing),
    ON_THIS_MACHINE(what_is_raised_is_put_back),
    ON_THIS_MACHINE(after_kill_9_the_journal_puts_them_back),
    ON_THIS_MACHINE(what_another_process_has_raised_is_left_to_it),
    ON_THIS_MACHINE(what_can_not_be_put_back_stays_in_the_journal),
    ON_THIS_MACHINE(when_one_can_not_be_set_the_others_are_put_back),
    ON_THIS_MACHINE(without_a_journal_nothing_is_changed),
    ON_THIS_MACHINE(a_journal_that_was_only_begun_changed_nothing),
    ON_THIS_MACHINE(a_group_that_is_gone_has_no_limit_to_put_back),
};
TEST_MAIN(tests)
