/* SPDX-License-Identifier: MIT
 *
 * The baseline's files: what is written is read, and the failures of the system are answers.
 */
#include "test_main.h"

#include "tb/file.h"

static void test_what_is_written_is_read(void **state)
{
    char path[] = "/tmp/taskcost-test-file-XXXXXX", in[16] = {0};
    struct tb_file file;
    (void)state;
    close(mkstemp(path));
    assert_int_equal(tb_file_open(path, O_RDWR, 0, &file), 0);
    unlink(path);
    assert_true(fcntl(file.fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(tb_file_write(&file, "0123456789", 10, 5), 10);
    assert_int_equal(tb_file_sync(&file), 0);
    assert_int_equal(tb_file_read(&file, in, 16, 7), 8);
    assert_string_equal(in, "23456789");
    assert_int_equal(tb_file_read(&file, in, 16, 15), 0);
    tb_file_close(&file);
    assert_int_equal(tb_file_read(&file, in, 16, 0), -EBADF);
}

static void test_failures_are_answers(void **state)
{
    struct tb_file file;
    (void)state;
    assert_int_equal(tb_file_open("/nonexistent/file", O_RDONLY, 0, &file), -ENOENT);
    assert_int_equal(tb_file_open("/dev/full", O_RDWR, 0, &file), 0);
    assert_int_equal(tb_file_write(&file, "x", 1, 0), -ENOSPC);
    tb_file_close(&file);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_what_is_written_is_read),
    cmocka_unit_test(test_failures_are_answers),
};
TEST_MAIN(tests)
