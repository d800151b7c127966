/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Has every Ethernet port announce RTE_ETH_RX_OFFLOAD_RSS_HASH: a library to be preloaded. The
 * pipeline tests of dpdk-test-eventdev configure that offload whatever the port has, and none of
 * DPDK's ports without hardware has it. A port that announces it here still delivers packets
 * without a hash; the Rx adapter takes one of its own making then, as it does for any such packet.
 */

#include <dlfcn.h>
#include <stdint.h>

#include <rte_ethdev.h>

typedef int (*info_get_fn)(uint16_t port_id, struct rte_eth_dev_info *info);

/* DPDK's library calls its own function this way too, when it checks a configuration. */
int
rte_eth_dev_info_get(uint16_t port_id, struct rte_eth_dev_info *info)
{
	info_get_fn next = (info_get_fn)dlsym(RTLD_NEXT, "rte_eth_dev_info_get");
	int ret = next(port_id, info);

	if (ret == 0)
		info->rx_offload_capa |= RTE_ETH_RX_OFFLOAD_RSS_HASH;
	return ret;
}
