/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Parsing of devargs. Any doubt is an error: an unknown name, a value out of range or with
 * something behind it, a name given twice. A device with a wrong list does not come up at all.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <rte_bitops.h>
#include <rte_common.h>
#include <rte_kvargs.h>
#include <rte_lcore.h>

#include "dlb2_devargs.h"
#include "dlb2_log.h"
#include "dlb2_share.h"
#include "dlb2_simd.h"

struct devarg;

typedef int (*devarg_parser)(const struct devarg *arg, const char *value,
			     struct dlb2_options *options);

struct devarg {
	const char *name;
	devarg_parser parse;
	size_t offset; /* of the member in struct dlb2_options */
	unsigned int least, most[DLB2_NUM_VERSIONS];
	const char *preset;
	const char *values;
	bool vdev_only;
};

/* One decimal number that ends at *end; -EINVAL without digits or outside of the row's range. */
static int
read_number(const struct devarg *arg, const struct dlb2_options *options, const char *text,
	    const char **end, unsigned int *number)
{
	unsigned long long value;
	char *stop;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &stop, 10);
	if (errno != 0 || value < arg->least || value > arg->most[options->version])
		return -EINVAL;
	*number = value;
	*end = stop;
	return 0;
}

static int
parse_number(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	unsigned int *member = RTE_PTR_ADD(options, arg->offset);
	const char *end;

	return read_number(arg, options, value, &end, member) == 0 && *end == '\0' ? 0 : -EINVAL;
}

static int
parse_number_or_none(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	int *member = RTE_PTR_ADD(options, arg->offset);

	if (strcmp(value, "-1") != 0)
		return parse_number(arg, value, options);
	*member = -1;
	return 0;
}

static int
parse_power_of_two(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	const unsigned int *member = RTE_PTR_ADD(options, arg->offset);
	int ret = parse_number(arg, value, options);

	return ret == 0 && !rte_is_power_of_2(*member) ? -EINVAL : ret;
}

static int
parse_flag(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	static const char *const on[] = {"y", "Y", "1"}, *const off[] = {"n", "N", "0"};
	bool *member = RTE_PTR_ADD(options, arg->offset);
	unsigned int i;

	for (i = 0; i < RTE_DIM(on); i++) {
		*member = strcmp(value, on[i]) == 0;
		if (*member || strcmp(value, off[i]) == 0)
			return 0;
	}
	return -EINVAL;
}

static int
parse_seed(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	char *end;

	RTE_SET_USED(arg);
	if (!isdigit((unsigned char)*value))
		return -EINVAL;
	errno = 0;
	options->seed = strtoull(value, &end, 10);
	return errno == 0 && *end == '\0' ? 0 : -EINVAL;
}

static int
parse_run(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	static const char *const names[] = {
		[DLB2_RUN_INLINE] = "inline",
		[DLB2_RUN_SERVICE] = "service",
		[DLB2_RUN_THREAD] = "thread",
	};
	unsigned int i;

	RTE_SET_USED(arg);
	for (i = 0; i < RTE_DIM(names); i++) {
		if (strcmp(value, names[i]) == 0) {
			options->run = i;
			return 0;
		}
	}
	return -EINVAL;
}

/* Any variant may be asked for that was built and that this CPU has, whatever EAL's limit. */
static int
parse_simd(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	RTE_SET_USED(arg);
	options->simd = -1;
	if (strcmp(value, "auto") == 0)
		return 0;
	options->simd = DLB2_NUM_SIMD - 1;
	while (options->simd >= 0 && strcmp(value, dlb2_simd_names[options->simd]) != 0)
		options->simd--;
	return options->simd >= 0 && dlb2_simd_possible(options->simd) ? 0 : -EINVAL;
}

const char *const dlb2_cq_layout_names[DLB2_NUM_CQ_LAYOUTS] = {
	[DLB2_CQ_SPARSE] = "sparse",
	[DLB2_CQ_DENSE] = "dense",
};

static int
parse_cq_layout(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	unsigned int i;

	RTE_SET_USED(arg);
	for (i = 0; i < DLB2_NUM_CQ_LAYOUTS; i++) {
		if (strcmp(value, dlb2_cq_layout_names[i]) == 0) {
			options->cq_layout = i;
			return 0;
		}
	}
	return -EINVAL;
}

/*
 * "first-last" or "index", of less than `count`, or "all" if `all_allowed`; followed by ':'. *end
 * is what comes behind it.
 */
static int
read_range(const char *text, unsigned int count, bool all_allowed, unsigned int *first,
	   unsigned int *last, const char **end)
{
	char *stop;

	if (all_allowed && strncmp(text, "all:", 4) == 0) {
		*first = 0;
		*last = count - 1;
		*end = text + 4;
		return 0;
	}
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	*first = *last = RTE_MIN(strtoul(text, &stop, 10), (unsigned long)count);
	if (*stop == '-' && isdigit((unsigned char)stop[1]))
		*last = RTE_MIN(strtoul(stop + 1, &stop, 10), (unsigned long)count);
	*end = stop + 1;
	return *stop == ':' && *first <= *last && *last < count ? 0 : -EINVAL;
}

static int
parse_depth_thresh(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	const struct dlb2_limits *limits = dlb2_limits(options->version);
	unsigned int first, last, thresh;
	const char *end;

	if (read_range(value, limits->num_ldb_queues + limits->num_dir_ports, true, &first, &last,
		       &end) != 0 ||
	    read_number(arg, options, end, &end, &thresh) != 0 || *end != '\0')
		return -EINVAL;
	for (; first <= last; first++)
		options->qid_depth_thresh[first] = thresh;
	return 0;
}

static int
parse_port_cos(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	const struct dlb2_limits *limits = dlb2_limits(options->version);
	unsigned int first, last, cos, i, named = 0;
	const char *end;

	if (read_range(value, limits->num_ldb_ports, false, &first, &last, &end) != 0 ||
	    read_number(arg, options, end, &end, &cos) != 0 || *end != '\0')
		return -EINVAL;
	for (; first <= last; first++)
		options->port_cos[first] = cos;
	for (i = 0; i < limits->num_ldb_ports; i++)
		named += options->port_cos[i] == (int)cos;
	return named <= limits->num_ldb_ports_per_cos ? 0 : -EINVAL;
}

static int
parse_cos_bw(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	unsigned int i, percent, sum = 0;
	const char *end = value;

	for (i = 0; i < DLB2_MAX_COS; i++) {
		if (read_number(arg, options, end, &end, &percent) != 0 ||
		    *end++ != (i + 1 < DLB2_MAX_COS ? ':' : '\0'))
			return -EINVAL;
		options->cos_bw[i] = percent;
		sum += percent;
	}
	if (sum == 0)
		memset(options->cos_bw, 100 / DLB2_MAX_COS, sizeof(options->cos_bw));
	return sum <= 100 ? 0 : -EINVAL;
}

static int
parse_domain_shares(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	unsigned int i, weight;
	const char *end = value;

	for (i = 0; i < RTE_DIM(options->domain_shares); i++) {
		if (read_number(arg, options, end, &end, &weight) != 0)
			return -EINVAL;
		options->domain_shares[i] = weight;
		options->num_domain_shares = i + 1;
		if (*end == '\0')
			return 0;
		if (*end++ != ':')
			return -EINVAL;
	}
	return -EINVAL;
}

/*
 * What matters is the number of cores, so many directed ports are kept for producers, and the first
 * of them, which ports are timed from. Every core must be one of EAL's.
 */
static int
parse_coremask(const struct devarg *arg, const char *value, struct dlb2_options *options)
{
	const char *digit = value + (strncasecmp(value, "0x", 2) == 0 ? 2 : 0);
	unsigned int core, nibble, cores = 0, bit;
	size_t left = strlen(digit);

	if (left == 0)
		return -EINVAL;
	for (; left > 0; left--, digit++) {
		if (!isxdigit((unsigned char)*digit))
			return -EINVAL;
		nibble = isdigit((unsigned char)*digit) ? *digit - '0' :
							  tolower((unsigned char)*digit) - 'a' + 10;
		for (bit = 0; bit < 4; bit++) {
			core = (left - 1) * 4 + bit;
			if ((nibble & RTE_BIT32(bit)) == 0)
				continue;
			if (core >= RTE_MAX_LCORE || !rte_lcore_is_enabled(core))
				return -EINVAL;
			if (cores++ == 0 || core < options->producer_core)
				options->producer_core = core;
		}
	}
	options->producer_coremask = cores;
	return cores <= arg->most[options->version] ? 0 : -EINVAL;
}

#define ROW(arg_name, parser, least_, most_2_0, most_2_5, preset_, values_, vdev) \
	{ \
		.name = #arg_name, \
		.parse = parse_##parser, \
		.offset = offsetof(struct dlb2_options, arg_name), \
		.least = least_, \
		.most = {[DLB2_HW_2_0] = most_2_0, [DLB2_HW_2_5] = most_2_5}, \
		.preset = preset_, \
		.values = values_, \
		.vdev_only = vdev, \
	},
#define ANY_ROW(...) ROW(__VA_ARGS__, false)
#define VDEV_ROW(...) ROW(__VA_ARGS__, true)

static const struct devarg devargs[] = {
	DLB2_DEVARGS(ANY_ROW)
	DLB2_VDEV_DEVARGS(VDEV_ROW)
};

static int
refuse(const char *device, const char *name, const char *value, const char *values)
{
	DLB2_ERR(device, "devarg %s=%s is not valid: write %s=%s", name, value == NULL ? "" : value,
		 name, values);
	return -EINVAL;
}

static int
set_defaults(enum dlb2_version version, struct dlb2_options *options)
{
	unsigned int i;
	int ret;

	memset(options, 0, sizeof(*options));
	memset(options->port_cos, -1, sizeof(options->port_cos));
	options->version = version;
	for (i = 0; i < RTE_DIM(devargs); i++) {
		if (devargs[i].preset[0] == '\0')
			continue;
		ret = devargs[i].parse(&devargs[i], devargs[i].preset, options);
		if (ret != 0)
			return ret;
	}
	return 0;
}

/* The version must be known before anything that it limits. */
static int
find_version(const char *device, const struct rte_kvargs *list, enum dlb2_version *version)
{
	const char *value = rte_kvargs_get(list, DLB2_HW_DEVARG);

	*version = DLB2_HW_2_5;
	if (rte_kvargs_count(list, DLB2_HW_DEVARG) == 0 ||
	    (value != NULL && strcmp(value, "2.5") == 0))
		return 0;
	if (value == NULL || strcmp(value, "2.0") != 0)
		return refuse(device, DLB2_HW_DEVARG, value, DLB2_HW_DEVARG_VALUES);
	*version = DLB2_HW_2_0;
	return 0;
}

static const struct devarg *
find_devarg(const char *name, bool vdev)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(devargs); i++) {
		if (strcmp(name, devargs[i].name) == 0 && (vdev || !devargs[i].vdev_only))
			return &devargs[i];
	}
	return NULL;
}

static int
refuse_unknown(const char *device, const char *name, bool vdev)
{
	DLB2_ERR(device, "unknown devarg '%s': there are %s", name,
		 vdev ? DLB2_VDEV_DEVARG_HELP : DLB2_PCI_DEVARG_HELP);
	return -EINVAL;
}

static int
parse_pair(const char *device, const struct rte_kvargs *list, const struct rte_kvargs_pair *pair,
	   bool vdev, struct dlb2_options *options)
{
	bool is_hw = vdev && strcmp(pair->key, DLB2_HW_DEVARG) == 0;
	const struct devarg *arg = find_devarg(pair->key, vdev);

	if (arg == NULL && !is_hw)
		return refuse_unknown(device, pair->key, vdev);
	if (rte_kvargs_count(list, pair->key) > 1 &&
	    (is_hw || (arg->parse != parse_depth_thresh && arg->parse != parse_port_cos))) {
		DLB2_ERR(device, "devarg %s is given more than once: write it once", pair->key);
		return -EINVAL;
	}
	if (is_hw)
		return 0;
	if (pair->value == NULL || arg->parse(arg, pair->value, options) != 0)
		return refuse(device, pair->key, pair->value, arg->values);
	return 0;
}

static bool
has_socket(int socket)
{
	unsigned int i;

	for (i = 0; i < rte_socket_count(); i++)
		if (rte_socket_id_by_idx(i) == socket)
			return true;
	return false;
}

/*
 * What one devarg cannot see: those that contradict each other, and those that do nothing on this
 * device.
 */
static int
check_together(const char *device, struct dlb2_options *options)
{
	if (options->alloc_hl_entries > 0 && options->use_default_hl) {
		DLB2_ERR(device,
			 "alloc_hl_entries=%u contradicts use_default_hl=y: add use_default_hl=n, "
			 "or leave it out",
			 options->alloc_hl_entries);
		return -EINVAL;
	}
	if (options->lcore >= 0 && options->run != DLB2_RUN_THREAD) {
		DLB2_ERR(device,
			 "lcore=%d is for the model's own thread: add run=thread, or leave it out",
			 options->lcore);
		return -EINVAL;
	}
	if (options->numa_node >= 0 && !has_socket(options->numa_node)) {
		DLB2_ERR(device,
			 "numa_node=%d: EAL knows no memory there; it has %u nodes, the first is %d",
			 options->numa_node, rte_socket_count(), rte_socket_id_by_idx(0));
		return -EINVAL;
	}
	if (options->num_dir_credits > 0 && dlb2_limits(options->version)->combined_credits)
		DLB2_NOTICE(device, "num_dir_credits=%u has no effect: DLB 2.5 has one credit pool",
			    options->num_dir_credits);
	if (options->enable_cq_weight && options->version == DLB2_HW_2_0) {
		DLB2_NOTICE(device, "enable_cq_weight=y has no effect: DLB 2.0 has no CQ weights");
		options->enable_cq_weight = false;
	}
	if (options->vector_opts_enable)
		DLB2_NOTICE(device,
			    "vector_opts_enable=y has no effect: vectors are used anyway, as far as "
			    "the CPU and --force-max-simd-bitwidth permit; see devarg simd");
	return dlb2_shares_check(device, options);
}

int
dlb2_devargs_parse(const char *device, const char *args, const enum dlb2_version *pci_version,
		   struct dlb2_options *options)
{
	bool vdev = pci_version == NULL;
	enum dlb2_version version;
	struct rte_kvargs *list;
	unsigned int i;
	int ret = 0;

	list = rte_kvargs_parse(args == NULL ? "" : args, NULL);
	if (list == NULL) {
		DLB2_ERR(device, "devargs '%s' cannot be read: write name=value,name=value", args);
		return -EINVAL;
	}
	if (vdev)
		ret = find_version(device, list, &version);
	else
		version = *pci_version;
	if (ret == 0)
		ret = set_defaults(version, options);
	for (i = 0; ret == 0 && i < list->count; i++)
		ret = parse_pair(device, list, &list->pairs[i], vdev, options);
	rte_kvargs_free(list);
	return ret != 0 ? ret : check_together(device, options);
}
