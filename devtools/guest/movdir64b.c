/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dlb2 project
 *
 * Lets a program that executes MOVDIR64B run on a CPU without it, such as QEMU's emulated one: a
 * library to be preloaded. The distribution's dlb2 driver cannot do without the instruction.
 *
 * The first execution of an instruction raises SIGILL; the handler does the 64-byte store as eight
 * ascending 8-byte stores, which the device server joins to a line. Then it replaces the
 * instruction by a jump to code that does the same, for a signal costs a thousand times as much.
 * What it cannot give is the instruction's atomicity.
 *
 * A program that measures links it in, with MOVDIR64B_UNCHECKED: then the code that takes the place
 * of an instruction stores and does nothing else.
 */

#include <dlfcn.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <rte_cpuflags.h>

#include "movdir64b.h"

#define LINE 64
/* Length of a near jump, and of the shortest form of the instruction, 66 0F 38 F8 /r. */
#define JUMP_LENGTH 5
#define JUMP_OPCODE 0xe9
/* Raises #UD in 64-bit mode: stands in the first byte while the others change. */
#define INVALID_OPCODE 0x06
#define MAX_SITES 256
#define STUB_SIZE 256
#define POOL_SIZE (MAX_SITES * STUB_SIZE)
/* A near jump reaches 2 GiB; the pool is looked for in steps below the first site. */
#define POOL_REACH 0x70000000L
#define POOL_STEP 0x100000L
/* Numbers of registers in instructions. */
#define RSP 4
#define RBP 5
/* The SIB byte of an address that has RSP for its base and no index. */
#define STACK_SIB 0x24

/*
 * One decoded MOVDIR64B. It can be replaced if its source is a register, and perhaps a distance,
 * and if no register has a number above 7.
 */
struct movdir64b {
	size_t length;
	uintptr_t source;
	uintptr_t destination;
	bool replaceable;
	uint8_t from, to; /* registers */
	int32_t distance; /* of the source from its register */
};

/* An instruction that was replaced, or is just being: threads may still fault on it. */
struct site {
	const uint8_t *code;
	struct movdir64b insn;
};

/* All of this belongs to the process, whose code is changed: there can be only one of it. */
static struct site sites[MAX_SITES];
static unsigned int num_sites;
static uint8_t *pool;
static int patch_lock;
static struct sigaction previous;
static bool absence_admitted;

/* The general registers of a signal's context by their number in instructions. */
static uint64_t
reg(const greg_t *regs, unsigned int number)
{
	static const int index[16] = {
		REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
		REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
	};

	return (uint64_t)regs[index[number]];
}

/* Takes a sign-extended 32-bit displacement. */
static int64_t
take_disp32(const uint8_t **code)
{
	int32_t disp;

	memcpy(&disp, *code, sizeof(disp));
	*code += sizeof(disp);
	return disp;
}

/* The part of an address that a SIB byte gives, a displacement without base included. */
static uint64_t
take_sib(const uint8_t **code, const greg_t *regs, uint8_t rex, uint8_t mod)
{
	uint8_t sib = *(*code)++;
	unsigned int index = (sib >> 3 & 7) | (rex & 2) << 2;
	uint64_t address = 0;

	if (index != RSP)
		address = reg(regs, index) << (sib >> 6);
	if ((sib & 7) == RBP && mod == 0)
		return address + (uint64_t)take_disp32(code);
	return address + reg(regs, (sib & 7) | (rex & 1) << 3);
}

/* The address of a memory operand; code points behind the ModRM byte and is moved behind it all. */
static uint64_t
take_address(const uint8_t **code, const greg_t *regs, uint8_t rex, uint8_t modrm)
{
	uint8_t mod = modrm >> 6, rm = modrm & 7;
	uint64_t address;

	if (rm == RSP) {
		address = take_sib(code, regs, rex, mod);
	} else if (rm == RBP && mod == 0) {
		/* Relative to the next instruction, which begins here: there is no immediate. */
		address = (uint64_t)take_disp32(code);
		return address + (uintptr_t)*code;
	} else {
		address = reg(regs, rm | (rex & 1) << 3);
	}
	if (mod == 1)
		address += (uint64_t)(int8_t)*(*code)++;
	else if (mod == 2)
		address += (uint64_t)take_disp32(code);
	return address;
}

/* Finds the register of the source, if there is no more to it than a distance. */
static void
find_source(uint8_t modrm, uint8_t sib, uint8_t rex, struct movdir64b *insn)
{
	const bool relative = (modrm & 7) == RBP && modrm >> 6 == 0;
	const bool stack = (modrm & 7) == RSP && sib == STACK_SIB;

	insn->from = modrm & 7;
	insn->replaceable = rex == 0 && !relative && ((modrm & 7) != RSP || stack) &&
		insn->to != RSP;
}

/* Decodes the instruction at start: false if it isn't MOVDIR64B, or has an FS, GS or address-size
 * prefix, which no compiler gives it.
 */
static bool
decode(const uint8_t *start, const greg_t *regs, struct movdir64b *insn)
{
	const uint8_t *code = start;
	bool has_66 = false;
	uint8_t rex = 0;

	/* The segment prefixes 26, 2E, 36 and 3E mean nothing in 64-bit mode. */
	for (; *code == 0x66 || (*code & 0xe7) == 0x26; code++)
		has_66 |= *code == 0x66;
	if ((*code & 0xf0) == 0x40)
		rex = *code++;
	if (!has_66 || code[0] != 0x0f || code[1] != 0x38 || code[2] != 0xf8 || code[3] >> 6 == 3)
		return false;
	insn->to = (code[3] >> 3 & 7) | (rex & 4) << 1;
	insn->destination = reg(regs, insn->to);
	find_source(code[3], code[4], rex, insn);
	code += 4;
	insn->source = take_address(&code, regs, rex, code[-1]);
	insn->length = code - start;
	insn->distance = (int32_t)(insn->source - reg(regs, insn->from));
	return true;
}

/* The instruction that stood at code before it was replaced. */
static bool
decode_site(const uint8_t *code, const greg_t *regs, struct movdir64b *insn)
{
	unsigned int i;

	for (i = 0; i < __atomic_load_n(&num_sites, __ATOMIC_ACQUIRE); i++) {
		if (sites[i].code != code)
			continue;
		*insn = sites[i].insn;
		insn->source = reg(regs, insn->from) + (int64_t)insn->distance;
		insn->destination = reg(regs, insn->to);
		return true;
	}
	return false;
}

/* Reads 64 bytes, then writes them in ascending order. */
static void
store(uintptr_t destination, uintptr_t source)
{
	volatile uint64_t *to = (volatile uint64_t *)destination;
	uint64_t line[LINE / sizeof(uint64_t)];
	unsigned int i;

	memcpy(line, (const void *)source, LINE);
	for (i = 0; i < LINE / sizeof(uint64_t); i++)
		to[i] = line[i];
}

static uint8_t *
emit(uint8_t *at, const void *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

/* mov distance(from),temp */
static uint8_t *
emit_load(uint8_t *at, uint8_t from, int32_t distance, uint8_t temp)
{
	const uint8_t load[] = { 0x48, 0x8b, 0x80 | temp << 3 | from };

	at = emit(at, load, sizeof(load));
	if (from == RSP)
		*at++ = STACK_SIB;
	return emit(at, &distance, sizeof(distance));
}

/* mov temp,offset(to) */
static uint8_t *
emit_store(uint8_t *at, uint8_t temp, uint8_t to, uint8_t offset)
{
	const uint8_t store_it[] = { 0x48, 0x89, 0x40 | temp << 3 | to, offset };

	return emit(at, store_it, sizeof(store_it));
}

/* Replaces five bytes by a jump; a thread that executes them meanwhile gets into the handler. */
static void
write_jump(uint8_t *code, const uint8_t *target)
{
	int32_t distance = (int32_t)(target - (code + JUMP_LENGTH));

	__atomic_store_n(code, INVALID_OPCODE, __ATOMIC_SEQ_CST);
	memcpy(code + 1, &distance, sizeof(distance));
	__atomic_store_n(code, JUMP_OPCODE, __ATOMIC_SEQ_CST);
}

/* By how much RSP is lower while the code below stores. */
#define STACK_MOVED (128 + 8)

/* Writes code that does what the instruction does, without changing a flag or the red zone, and
 * goes on behind it. A destination that isn't aligned ends in HLT, which in user mode raises the
 * same #GP.
 */
static void
write_stub(uint8_t *at, const struct site *site)
{
	const struct movdir64b *insn = &site->insn;
	const int32_t moved = insn->from == RSP ? STACK_MOVED : 0;
	uint8_t temp = 0;
	/* lea -128(%rsp),%rsp and back; with one push that is STACK_MOVED */
	const uint8_t skip_red_zone[] = { 0x48, 0x8d, 0x64, 0x24, 0x80 };
	const uint8_t restore_stack[] = { 0x48, 0x8d, 0xa4, 0x24, 0x80, 0, 0, 0 };
#ifndef MOVDIR64B_UNCHECKED
	const uint8_t check[] = {
		0x9c,                                             /* pushf */
		0xf7, 0xc0 | insn->to,   LINE - 1, 0, 0, 0,      /* test $63,destination */
		0x74, 0x01, 0xf4,                                 /* je +1; hlt */
		0x9d,                                             /* popf */
	};
#endif
	unsigned int i;

	while (temp == insn->from || temp == insn->to || temp == RSP)
		temp++;
	at = emit(at, skip_red_zone, sizeof(skip_red_zone));
	*at++ = 0x50 | temp; /* push temp */
#ifndef MOVDIR64B_UNCHECKED
	at = emit(at, check, sizeof(check));
#endif
	for (i = 0; i < LINE; i += sizeof(uint64_t)) {
		at = emit_load(at, insn->from, insn->distance + moved + (int32_t)i, temp);
		at = emit_store(at, temp, insn->to, i);
	}
	*at++ = 0x58 | temp; /* pop temp */
	at = emit(at, restore_stack, sizeof(restore_stack));
	write_jump(at, site->code + insn->length);
}

/* Maps room for the stubs near the first site. */
static bool
find_pool(const uint8_t *code)
{
	uintptr_t page = (uintptr_t)code & -(uintptr_t)sysconf(_SC_PAGESIZE);
	long below;

	for (below = POOL_STEP; !pool && below < POOL_REACH; below += POOL_STEP) {
		void *room = mmap((void *)(page - below), POOL_SIZE,
				PROT_READ | PROT_WRITE | PROT_EXEC,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

		if (room != MAP_FAILED)
			pool = room;
	}
	return pool && labs(pool - code) < POOL_REACH;
}

static bool
make_writable(uint8_t *code)
{
	uintptr_t size = sysconf(_SC_PAGESIZE), first = (uintptr_t)code & -size;
	uintptr_t end = ((uintptr_t)code + JUMP_LENGTH + size - 1) & -size;

	return mprotect((void *)first, end - first, PROT_READ | PROT_WRITE | PROT_EXEC) == 0;
}

/* Replaces an instruction unless it has been, or can't be: then it goes on by signals. */
static void
patch_locked(uint8_t *code, const struct movdir64b *insn)
{
	struct site *site = &sites[num_sites];
	uint8_t *stub;
	unsigned int i;

	for (i = 0; i < num_sites; i++) {
		if (sites[i].code == code)
			return;
	}
	if (num_sites == MAX_SITES || !find_pool(code) || !make_writable(code))
		return;
	*site = (struct site){ .code = code, .insn = *insn };
	stub = pool + num_sites * STUB_SIZE;
	write_stub(stub, site);
	__atomic_store_n(&num_sites, num_sites + 1, __ATOMIC_RELEASE);
	write_jump(code, stub);
}

/* A mutex would not be legal in a signal handler; this one runs with all signals blocked. */
static void
patch(uint8_t *code, const struct movdir64b *insn)
{
	while (__atomic_exchange_n(&patch_lock, 1, __ATOMIC_ACQUIRE))
		__builtin_ia32_pause();
	patch_locked(code, insn);
	__atomic_store_n(&patch_lock, 0, __ATOMIC_RELEASE);
}

/* Does a MOVDIR64B; any other instruction faults once more, with whoever was to have the signal. */
static void
on_sigill(int signal_number, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	uint8_t *code = (uint8_t *)regs[REG_RIP];
	struct movdir64b insn;

	if (!decode_site(code, regs, &insn) && !decode(code, regs, &insn)) {
		sigaction(SIGILL, &previous, NULL);
		return;
	}
	if (insn.destination % LINE != 0) {
		/* The CPU would raise #GP. */
		sigset_t segv;

		sigemptyset(&segv);
		sigaddset(&segv, SIGSEGV);
		pthread_sigmask(SIG_UNBLOCK, &segv, NULL);
		raise(SIGSEGV);
		return;
	}
	store(insn.destination, insn.source);
	regs[REG_RIP] += insn.length;
	if (insn.replaceable)
		patch(code, &insn);
}

__attribute__((constructor))
static void
start(void)
{
	struct sigaction action = { .sa_sigaction = on_sigill, .sa_flags = SA_SIGINFO };

	sigfillset(&action.sa_mask);
	sigaction(SIGILL, &action, &previous);
}

void
movdir64b_admit_absence(void)
{
	absence_admitted = true;
}

/* Takes the place of DPDK's: the driver asks it whether the CPU has the instruction. */
int
rte_cpu_get_flag_enabled(enum rte_cpu_flag_t feature)
{
	int (*next)(enum rte_cpu_flag_t);

	if (feature == RTE_CPUFLAG_MOVDIR64B && !absence_admitted)
		return 1;
	*(void **)&next = dlsym(RTLD_NEXT, "rte_cpu_get_flag_enabled");
	return next ? next(feature) : 0;
}
