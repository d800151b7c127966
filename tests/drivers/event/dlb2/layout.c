/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Prints where test_stores.py finds in the data path's structures what its code branches on.
 */
#include <stdio.h>

#include "dlb2_lines.h"

int
main(void)
{
	printf("port_store=%zu pp_store=%zu port_page=%zu pp_page=%zu writer_fenced=%zu "
	       "writer_line=%zu\n",
	       offsetof(struct dlb2_dp_port, pp.store), offsetof(struct dlb2_pp, store),
	       offsetof(struct dlb2_dp_port, pp.page), offsetof(struct dlb2_pp, page),
	       offsetof(struct dlb2_writer, fenced), offsetof(struct dlb2_writer, line));
	return 0;
}
