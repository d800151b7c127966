/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Devargs: what is read, what is refused and how, and that a device with a wrong list does not come
 * up at all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "evdev_test.h"

#include <rte_bus_vdev.h>
#include <rte_common.h>
#include <rte_vect.h>

#include "dlb2_devargs.h"
#include "dlb2_simd.h"

static const enum dlb2_version v2_0 = DLB2_HW_2_0, v2_5 = DLB2_HW_2_5;

static void
test_defaults(void **state)
{
	struct dlb2_options options;
	unsigned int i;

	assert_int_equal(dlb2_devargs_parse("test", "", NULL, &options), 0);
	assert_int_equal(options.version, DLB2_HW_2_5);
	assert_int_equal(options.run, DLB2_RUN_INLINE);
	assert_int_equal(options.lcore, -1);
	assert_int_equal(options.seed, 0);
	assert_int_equal(options.numa_node, -1);
	assert_int_equal(options.max_num_events, 0);
	assert_int_equal(options.num_dir_credits, 0);
	assert_int_equal(options.poll_interval, 1000);
	assert_int_equal(options.sw_credit_quanta, 32);
	assert_int_equal(options.hw_credit_quanta, 32);
	assert_int_equal(options.default_depth_thresh, 256);
	assert_int_equal(options.max_cq_depth, 128);
	assert_int_equal(options.max_enqueue_depth, 128);
	assert_int_equal(options.alloc_hl_entries, 0);
	assert_int_equal(options.max_event_queues, 32);
	assert_int_equal(options.domains, 1);
	assert_int_equal(options.cq_layout, DLB2_CQ_SPARSE);
	assert_int_equal(options.num_domain_shares, 0);
	assert_true(options.use_default_hl && options.use_umwait);
	assert_false(options.vector_opts_enable || options.enable_cq_weight ||
		     options.default_port_allocation);
	for (i = 0; i < RTE_DIM(options.cos_bw); i++)
		assert_int_equal(options.cos_bw[i], 25);
	for (i = 0; i < RTE_DIM(options.port_cos); i++)
		assert_int_equal(options.port_cos[i], -1);
	for (i = 0; i < RTE_DIM(options.qid_depth_thresh); i++)
		assert_int_equal(options.qid_depth_thresh[i], 0);
}

static void
test_all_values(void **state)
{
	struct dlb2_options o;

	assert_int_equal(dlb2_devargs_parse("test",
					    "run=thread,lcore=1,seed=18446744073709551615,hw=2.0,"
					    "numa_node=0,max_num_events=8192,num_dir_credits=4096,"
					    "dev_id=15,poll_interval=7,sw_credit_quanta=8,hw_"
					    "credit_quanta=9,default_depth_thresh=8191,vector_opts_"
					    "enable=n,max_cq_depth=1024,max_enqueue_depth=32,"
					    "producer_coremask=0x1,default_port_allocation=Y,use_"
					    "default_hl=0,alloc_hl_entries=2048,max_event_queues=1,"
					    "use_umwait=n,cq_layout=dense",
					    NULL, &o),
			 0);
	assert_int_equal(o.version, DLB2_HW_2_0);
	assert_int_equal(o.run, DLB2_RUN_THREAD);
	assert_int_equal(o.lcore, 1);
	assert_true(o.seed == UINT64_MAX);
	assert_int_equal(o.numa_node, 0);
	assert_int_equal(o.max_num_events, 8192);
	assert_int_equal(o.num_dir_credits, 4096);
	assert_int_equal(o.dev_id, 15);
	assert_int_equal(o.poll_interval, 7);
	assert_int_equal(o.sw_credit_quanta, 8);
	assert_int_equal(o.hw_credit_quanta, 9);
	assert_int_equal(o.default_depth_thresh, 8191);
	assert_int_equal(o.max_cq_depth, 1024);
	assert_int_equal(o.max_enqueue_depth, 32);
	assert_int_equal(o.producer_coremask, 1);
	assert_true(o.default_port_allocation);
	assert_false(o.use_default_hl || o.use_umwait);
	assert_int_equal(o.alloc_hl_entries, 2048);
	assert_int_equal(o.max_event_queues, 1);
	assert_int_equal(o.cq_layout, DLB2_CQ_DENSE);
}

static void
test_lists(void **state)
{
	struct dlb2_options o;

	assert_int_equal(dlb2_devargs_parse("test",
					    "qid_depth_thresh=all:5,qid_depth_thresh=3-4:6,qid_"
					    "depth_thresh=127:7,port_cos=0-15:3,port_cos=63:0,cos_"
					    "bw=10:20:30:40",
					    &v2_5, &o),
			 0);
	assert_int_equal(o.qid_depth_thresh[0], 5);
	assert_int_equal(o.qid_depth_thresh[3], 6);
	assert_int_equal(o.qid_depth_thresh[4], 6);
	assert_int_equal(o.qid_depth_thresh[5], 5);
	assert_int_equal(o.qid_depth_thresh[127], 7);
	assert_int_equal(o.port_cos[0], 3);
	assert_int_equal(o.port_cos[15], 3);
	assert_int_equal(o.port_cos[16], -1);
	assert_int_equal(o.port_cos[63], 0);
	assert_int_equal(o.cos_bw[3], 40);
	assert_int_equal(dlb2_devargs_parse("test", "cos_bw=0:0:0:0", &v2_5, &o), 0);
	assert_int_equal(o.cos_bw[0], 25);
}

/* EAL's limit is for those that say nothing: whoever names a variant gets it, if the CPU has it. */
static void
test_simd(void **state)
{
	enum dlb2_simd simd;
	struct dlb2_options o;
	char args[32];

	assert_int_equal(dlb2_devargs_parse("test", "", &v2_5, &o), 0);
	assert_int_equal(o.simd, -1);
	assert_int_equal(dlb2_devargs_parse("test", "simd=auto", &v2_5, &o), 0);
	assert_int_equal(o.simd, -1);
	assert_true(dlb2_simd_possible(DLB2_SIMD_SCALAR));
	for (simd = DLB2_SIMD_SCALAR; simd < DLB2_NUM_SIMD; simd++) {
		snprintf(args, sizeof(args), "simd=%s", dlb2_simd_names[simd]);
		if (dlb2_simd_possible(simd)) {
			assert_int_equal(dlb2_devargs_parse("test", args, &v2_5, &o), 0);
			assert_int_equal(o.simd, simd);
		} else {
			assert_int_equal(dlb2_devargs_parse("test", args, &v2_5, &o), -EINVAL);
		}
	}
}

/* The widest that is both possible and within EAL's limit. */
static void
test_best_simd(void **state)
{
	const uint16_t before = rte_vect_get_max_simd_bitwidth();
	enum dlb2_simd last = DLB2_SIMD_SCALAR, best;
	unsigned int bits;

	for (bits = RTE_VECT_SIMD_DISABLED; bits <= RTE_VECT_SIMD_512; bits *= 2) {
		assert_int_equal(rte_vect_set_max_simd_bitwidth(bits), 0);
		best = dlb2_simd_best();
		assert_true(dlb2_simd_possible(best) && best >= last);
		assert_true(best <= (bits < 128 ? DLB2_SIMD_SCALAR : bits < 256 ? DLB2_SIMD_SSE
				     : bits < 512 ? DLB2_SIMD_AVX2 : DLB2_SIMD_AVX512));
		last = best;
	}
	rte_vect_set_max_simd_bitwidth(before);
}

/* What is in the log has the name and the value that are wrong, and what would be right. */
static void
test_refused(void **state)
{
	static const struct {
		const char *args, *said, *remedy;
	} rows[] = {
		{"unheard_of=1", "'unheard_of'", "max_cq_depth="},
		{"vector_opts_enabled=y", "'vector_opts_enabled'", "vector_opts_enable="},
		{"hw=1.0", "hw=1.0", "<2.0 or 2.5>"},
		{"hw=2.0,hw=2.5", "hw", "once"},
		{"run=fast", "run=fast", "inline"},
		{"simd=mmx", "simd=mmx", "avx2"},
		{"seed=-1", "seed=-1", "18446744073709551615"},
		{"seed=18446744073709551616", "seed=18446744073709551616", "18446744073709551615"},
		{"lcore=0", "lcore=0", "run=thread"},
		{"run=thread,lcore=4096", "lcore=4096", "lcore"},
		{"numa_node=-2", "numa_node=-2", "-1..31"},
		{"numa_node=32", "numa_node=32", "-1..31"},
		{"numa_node=31", "numa_node=31", "no memory there"},
		{"max_num_events=0", "max_num_events=0", "1..8192"},
		{"max_num_events=16385", "max_num_events=16385", "16384"},
		{"hw=2.0,max_num_events=8193", "max_num_events=8193", "8192"},
		{"max_num_events=8193,hw=2.0", "max_num_events=8193", "8192"},
		{"max_num_events=", "max_num_events=", "8192"},
		{"max_num_events=12x", "max_num_events=12x", "8192"},
		{"max_num_events=99999999999999999999", "99999999999999999999", "8192"},
		{"max_num_events=1,max_num_events=2", "max_num_events", "once"},
		{"num_dir_credits=4097", "num_dir_credits=4097", "4096"},
		{"dev_id=16", "dev_id=16", "15"},
		{"qid_depth_thresh=0:8192", "qid_depth_thresh=0:8192", "8191"},
		{"qid_depth_thresh=128:1", "qid_depth_thresh=128:1", "queue"},
		{"hw=2.0,qid_depth_thresh=96:1", "qid_depth_thresh=96:1", "queue"},
		{"qid_depth_thresh=5-4:1", "qid_depth_thresh=5-4:1", "first-last"},
		{"qid_depth_thresh=5-:1", "qid_depth_thresh=5-:1", "first-last"},
		{"qid_depth_thresh=5", "qid_depth_thresh=5", "first-last"},
		{"qid_depth_thresh=99999999999999999999:1", "qid_depth_thresh=", "first-last"},
		{"poll_interval=0", "poll_interval=0", "1..1000000000"},
		{"poll_interval=-5", "poll_interval=-5", "1..1000000000"},
		{"sw_credit_quanta=0", "sw_credit_quanta=0", "1..8192"},
		{"hw_credit_quanta=0", "hw_credit_quanta=0", "1..8192"},
		{"default_depth_thresh=8192", "default_depth_thresh=8192", "8191"},
		{"vector_opts_enable=maybe", "vector_opts_enable=maybe", "y/n"},
		{"max_cq_depth=16", "max_cq_depth=16", "32..1024"},
		{"max_cq_depth=2048", "max_cq_depth=2048", "32..1024"},
		{"max_cq_depth=48", "max_cq_depth=48", "power of two"},
		{"max_enqueue_depth=1000", "max_enqueue_depth=1000", "power of two"},
		{"port_cos=64:0", "port_cos=64:0", "0..3"},
		{"port_cos=0:4", "port_cos=0:4", "0..3"},
		{"port_cos=all:1", "port_cos=all:1", "first-last"},
		{"port_cos=0-16:1", "port_cos=0-16:1", "0..3"},
		{"cos_bw=50:50:1:0", "cos_bw=50:50:1:0", "100"},
		{"cos_bw=-1:1:1:1", "cos_bw=-1:1:1:1", "100"},
		{"cos_bw=1:1:1", "cos_bw=1:1:1", "a:b:c:d"},
		{"cos_bw=1:1:1:1:1", "cos_bw=1:1:1:1:1", "a:b:c:d"},
		{"producer_coremask=0xg", "producer_coremask=0xg", "hexadecimal"},
		{"producer_coremask=0x", "producer_coremask=0x", "hexadecimal"},
		{"producer_coremask=8000000000000000", "producer_coremask=8000000000000000",
		 "EAL cores"},
		{"use_default_hl=2", "use_default_hl=2", "y/n"},
		{"alloc_hl_entries=1", "alloc_hl_entries=1", "use_default_hl=n"},
		{"use_default_hl=n,alloc_hl_entries=2049", "alloc_hl_entries=2049", "2048"},
		{"max_event_queues=33", "max_event_queues=33", "1..32"},
		{"use_umwait", "use_umwait", "y/n"},
		{"cq_layout=4", "cq_layout=4", "sparse or dense"},
	};
	struct dlb2_options options;
	unsigned int i;

	for (i = 0; i < RTE_DIM(rows); i++) {
		log_capture();
		assert_int_equal(dlb2_devargs_parse("test", rows[i].args, NULL, &options), -EINVAL);
		log_expect(rows[i].said, rows[i].remedy, NULL);
	}
}

/* A PCI function has no choice of version and nobody to run it. */
static void
test_vdev_only(void **state)
{
	static const char *const args[] = { "hw=2.0", "run=inline", "lcore=1", "seed=1" };
	struct dlb2_options options;
	unsigned int i;

	for (i = 0; i < RTE_DIM(args); i++) {
		log_capture();
		assert_int_equal(dlb2_devargs_parse("test", args[i], &v2_0, &options), -EINVAL);
		log_expect("unknown", NULL);
	}
}

/* Asked for, legal, and useless: it is said, and the device comes up. */
static void
test_without_effect(void **state)
{
	struct dlb2_options options;

	log_capture();
	assert_int_equal(dlb2_devargs_parse("test", "enable_cq_weight=y", &v2_0, &options), 0);
	log_expect("enable_cq_weight=y has no effect", NULL);
	assert_false(options.enable_cq_weight);
	log_capture();
	assert_int_equal(dlb2_devargs_parse("test", "num_dir_credits=5", &v2_5, &options), 0);
	log_expect("num_dir_credits=5 has no effect", NULL);
}

static void
test_probe_refused(void **state)
{
	log_capture();
	assert_int_not_equal(rte_vdev_init("event_dlb2_model0", "hw=2.5,unheard_of=1"), 0);
	log_expect("unheard_of", NULL);
	assert_int_equal(rte_event_dev_count(), 0);
	log_capture();
	assert_int_not_equal(rte_vdev_init("event_dlb2_model0", "run=thread,lcore=127"), 0);
	log_expect("lcore=127", "does not exist", NULL);
	assert_int_equal(rte_event_dev_count(), 0);
	evdev_start_simple(evdev_add("event_dlb2_model0", "hw=2.5"), 2);
	evdev_check_traffic(0, 0, 1, 1);
	evdev_remove("event_dlb2_model0");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_all_values),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_simd),
		cmocka_unit_test(test_best_simd),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_vdev_only),
		cmocka_unit_test(test_without_effect),
		cmocka_unit_test(test_probe_refused),
	};

	evdev_test_init();
	return cmocka_run_group_tests_name("devargs", tests, NULL, NULL);
}
