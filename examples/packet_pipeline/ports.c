/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * The Ethernet ports: one receive and one transmit queue each, default settings, promiscuous.
 */
#include <stdio.h>
#include <string.h>

#include <rte_ethdev.h>

#include "packet_pipeline.h"

#define NUM_DESCRIPTORS 1024

static int
port_start(uint16_t port, struct rte_mempool *pool)
{
	struct rte_eth_conf conf;
	uint16_t rx = NUM_DESCRIPTORS, tx = NUM_DESCRIPTORS;
	int socket = rte_eth_dev_socket_id(port);
	int ret;

	memset(&conf, 0, sizeof(conf));
	ret = rte_eth_dev_configure(port, 1, 1, &conf);
	if (ret == 0)
		ret = rte_eth_dev_adjust_nb_rx_tx_desc(port, &rx, &tx);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(port, 0, rx, socket, NULL, pool);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(port, 0, tx, socket, NULL);
	if (ret == 0)
		ret = rte_eth_dev_start(port);
	if (ret != 0) {
		fprintf(stderr, "Ethernet port %u cannot be started: %s\n", port,
			rte_strerror(-ret));
		return ret;
	}
	rte_eth_promiscuous_enable(port); /* not every device can; then only its own packets come */
	return 0;
}

int
ports_start(struct rte_mempool *pool)
{
	uint16_t port;

	RTE_ETH_FOREACH_DEV(port) {
		int ret = port_start(port, pool);

		if (ret != 0)
			return ret;
	}
	return 0;
}

void
ports_stop(void)
{
	uint16_t port;

	RTE_ETH_FOREACH_DEV(port) {
		rte_eth_dev_stop(port);
		rte_eth_dev_close(port);
	}
}

void
ports_totals(uint64_t *received, uint64_t *transmitted)
{
	struct rte_eth_stats stats;
	uint16_t port;

	*received = 0;
	*transmitted = 0;
	RTE_ETH_FOREACH_DEV(port) {
		if (rte_eth_stats_get(port, &stats) != 0)
			continue;
		*received += stats.ipackets;
		*transmitted += stats.opackets;
	}
}
