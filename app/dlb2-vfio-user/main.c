/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * dlb2-vfio-user: the device model as a PCIe function, for QEMU's vfio-user-pci and for any other
 * client of vfio-user. Exit status: 0 well, 1 could not start, 2 wrong use.
 */

#include "options.h"
#include "server.h"

int
main(int argc, char *argv[])
{
	static struct options options;
	int ret = options_parse(&options, argc, argv);

	if (ret != 0)
		return ret > 0 ? 0 : 2;
	return server_run(&options) == 0 ? 0 : 1;
}
