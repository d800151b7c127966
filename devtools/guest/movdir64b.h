/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * For programs that movdir64b.c is linked into; a library that is preloaded needs nothing of this.
 */
#ifndef MOVDIR64B_H
#define MOVDIR64B_H

/** From now on rte_cpu_get_flag_enabled() tells the truth about MOVDIR64B. */
void
movdir64b_admit_absence(void);

#endif
