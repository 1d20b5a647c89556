/* SPDX-License-Identifier: MIT
 *
 * Memory for tasks: blocks of every size that do not overlap, given out again last in, first out;
 * what is too large or too much is refused and costs nothing; and what a task takes beside its
 * frame.
 */
#include "test_main.h"

#include "counting.h"

#include "slab_walk.h"

enum { MEBIBYTE = 1 << 20, HEADER = sizeof(struct rt_task) };

/* Sizes of frames about every border: all small ones, and a byte to each side of the large ones. */
static size_t next_size(size_t size)
{
    size_t block = size + HEADER;
    if (block < RT_SLAB_SMALL_MAX + 2)
        return size + 1;
    size_t power = (size_t)1 << (63 - __builtin_clzll(block));
    return block - power < 2 || block == 2 * power - 1 ? size + 1 : 2 * power - 1 - HEADER;
}

static void fill(struct rt_task *block, size_t size, int seed)
{
    memset(block->frame, seed, size);
}

static bool is_filled(const struct rt_task *block, size_t size, int seed)
{
    for (size_t i = 0; i < size; i++)
        if (block->frame[i] != (char)seed)
            return false;
    return true;
}

/* More blocks of each size than a chunk of the largest class holds, each written to its last byte:
 * headers and frames stay whole. */
static void test_blocks_of_every_size(void **state)
{
    enum { BLOCKS = 5 };
    struct rt_slab slab = {0};
    int sizes = 0;
    (void)state;
    for (size_t size = 1; size + HEADER <= MEBIBYTE; size = next_size(size), sizes++) {
        struct rt_task *blocks[BLOCKS];
        for (int i = 0; i < BLOCKS; i++) {
            blocks[i] = rt__slab_take(&slab, HEADER + size);
            assert_non_null(blocks[i]);
            assert_int_equal((uintptr_t)blocks[i] % 16, 0);
            blocks[i]->generation = (uint32_t)i;
            fill(blocks[i], size, i + 1);
        }
        for (int i = 0; i < BLOCKS; i++) {
            assert_true(is_filled(blocks[i], size, i + 1));
            assert_int_equal(blocks[i]->generation, i);
            rt__slab_give(&slab, blocks[i]);
        }
    }
    assert_in_range(sizes, RT_SLAB_SMALL_MAX - HEADER + 2 * 10, RT_SLAB_SMALL_MAX + 4 * 10);
    rt__slab_destroy(&slab);
}

/* Every size up to 1 MiB has a class, the next larger size the same or the next one. */
static void test_every_size_has_a_class(void **state)
{
    size_t last = 0;
    (void)state;
    for (size_t size = 1; size <= MEBIBYTE; size++) {
        size_t class = rt__slab_class(size);
        assert_true(class < RT_SLAB_CLASSES && class >= last && class <= last + 1);
        last = class;
    }
    assert_int_equal(last, RT_SLAB_CLASSES - 1);
    assert_int_equal(rt__slab_class(RT_SLAB_SMALL_MAX), RT_SLAB_SMALL_CLASSES - 1);
    assert_int_equal(rt__slab_class(RT_SLAB_SMALL_MAX + 1), RT_SLAB_SMALL_CLASSES);
    assert_true(rt__slab_class(MEBIBYTE + 1) >= RT_SLAB_CLASSES);
    assert_true(rt__slab_class(SIZE_MAX) >= RT_SLAB_CLASSES);
}

static void test_last_in_first_out(void **state)
{
    enum { BLOCKS = 100 };
    static const size_t sizes[] = {HEADER, 64, 1024, 1025, 65536};
    struct rt_slab slab = {0};
    (void)state;
    for (size_t s = 0; s < TC_COUNT_OF(sizes); s++) {
        struct rt_task *blocks[BLOCKS];
        uint32_t generations[BLOCKS];
        for (int i = 0; i < BLOCKS; i++)
            blocks[i] = rt__slab_take(&slab, sizes[s]);
        for (int i = 0; i < BLOCKS; i++) {
            generations[i] = blocks[i]->generation;
            rt__slab_give(&slab, blocks[i]);
        }
        for (int i = BLOCKS - 1; i >= 0; i--) {
            assert_ptr_equal(rt__slab_take(&slab, sizes[s]), blocks[i]);
            assert_int_equal(blocks[i]->generation, generations[i] + 1); /* wakers are stale */
        }
    }
    rt__slab_destroy(&slab);
}

static int visited;
static struct rt_task *last_visited;

static void count_visit(struct rt_task *task)
{
    assert_true(!last_visited || task > last_visited);
    last_visited = task;
    visited++;
}

/* Free blocks too, each once, by address within a chunk. */
static void test_every_block_is_visited(void **state)
{
    struct rt_slab slab = {0};
    struct rt_task *blocks[1000];
    (void)state;
    rt__slab_each(&slab, count_visit);
    assert_int_equal(visited, 0);
    for (int i = 0; i < 1000; i++)
        blocks[i] = rt__slab_take(&slab, 80);
    for (int i = 0; i < 1000; i += 3)
        rt__slab_give(&slab, blocks[i]);
    rt__slab_each(&slab, count_visit);
    assert_int_equal(visited, 1000);
    rt__slab_destroy(&slab);
}

/* -- through an executor -- */

/* A counting task whose frame is as large as wanted; NULL when refused. Not inlined: gcc takes the
 * compiled-in refusal of a constant size for a write through NULL. */
__attribute__((noinline)) static struct rt_task *new_task(struct rt_executor *executor,
                                                          struct probe *probe, size_t size)
{
    struct rt_task *task = rt_task_new(executor, counting, size);
    if (!task)
        return NULL;
    memset(task->frame, 0, size);
    ((struct counting *)task->frame)->probe = probe;
    return task;
}

/* More than one chunk of one class. */
static void test_chunks_follow_each_other(void **state)
{
    enum { TASKS = 3 * RT_SLAB_CHUNK_BYTES / 1024 };
    struct rt_executor *executor = new_executor();
    static struct probe probes[TASKS];
    (void)state;
    for (int i = 0; i < TASKS; i++) {
        struct rt_task *task = new_task(executor, &probes[i], 1024 - HEADER);
        assert_non_null(task);
        rt_task_start_detached(task);
    }
    assert_int_equal(rt_run_ready(executor), TASKS);
    rt_executor_free(executor);
    for (int i = 0; i < TASKS; i++)
        assert_counts(probes[i], 1, 1);
}

static void test_a_frame_too_large_is_refused(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe probe = {.finish_at = 1};
    (void)state;
    struct rt_task *largest = new_task(executor, &probe, MEBIBYTE - HEADER);
    assert_non_null(largest);
    assert_int_equal(rt_block_on(executor, rt_task_start(largest)), 0);
    assert_null(new_task(executor, &probe, MEBIBYTE - HEADER + 1));
    assert_null(new_task(executor, &probe, 100 * (size_t)MEBIBYTE));
    assert_null(new_task(executor, &probe, SIZE_MAX / 2));
    assert_int_equal(executor->live, 0);
    probe.polls = 0;
    assert_int_equal(rt_block_on(executor, spawn_probe(executor, &probe)), 0);
    rt_executor_free(executor);
}

/* A task that was made and not started is never polled or dropped, and goes with the executor. */
static void test_a_task_that_is_not_started(void **state)
{
    struct rt_executor *executor = new_executor();
    struct probe probe = {.finish_at = 1};
    (void)state;
    assert_non_null(new_task(executor, &probe, sizeof(struct counting)));
    assert_int_equal(rt_run_ready(executor), 0);
    rt_executor_free(executor);
    assert_counts(probe, 0, 0);
}

/* The budgets: a million idle tasks at 96 bytes each need every one of these. */
static void test_sizes(void **state)
{
    (void)state;
    assert_true(sizeof(struct rt_task) <= 64);
    assert_true(sizeof(struct rt_wait) <= 32);
    assert_true(offsetof(struct counting, probe) <= 32); /* RT_FRAME */
    assert_int_equal(sizeof(struct rt_handle), sizeof(void *));
    assert_int_equal(sizeof(struct rt_event_one), sizeof(void *));
    assert_true(sizeof(struct rt_task) + sizeof(struct counting) + 16 <= 96);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_blocks_of_every_size),
    cmocka_unit_test(test_every_size_has_a_class),
    cmocka_unit_test(test_last_in_first_out),
    cmocka_unit_test(test_every_block_is_visited),
    cmocka_unit_test(test_chunks_follow_each_other),
    cmocka_unit_test(test_a_frame_too_large_is_refused),
    cmocka_unit_test(test_a_task_that_is_not_started),
    cmocka_unit_test(test_sizes),
};
TEST_MAIN(tests)
