#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""The stores to producer ports in the built plugin are what the hardware reference allows.

A virtual machine cannot show this: it carries out each store at once and in order. So the machine
code is looked at, as the compiler left it. Asserted:
  - The plugin has MOVDIR64B and MOVNTDQ and no other store that goes around the caches, and these
    two only in the data path and in the bus's pp_post() (data-path 1.6).
  - Each goes to the address in a register, the first byte of a page. MOVNTDQs are of the HCWs of a
    line in ascending order, and each has an SFENCE before anything else is stored.
  - On every way from a function that something outside may call to one of them there is an SFENCE
    (data-path 1.7), but for lines that only return tokens and for those of the control path.
  - In the data path these two store to the address that was read from the port, unchanged, and no
    other store does.

What cannot be asserted this way: that a page pointer which went through other memory is not stored
to, that MOVDIR64B is one transaction on the bus, what a CPU reorders beyond what its manual says;
and that a writer's flag `fenced` is right where dlb2_enqueue_each() sets it to what it has computed:
test_datapath_instructions.c counts the fences of that while they are executed. What the check
believes is at the top of stores.py. Without optimisation every variable is in memory, which is not
followed: there only the fences of MOVNTDQ, addresses and places of the stores are looked at.

usage: test_stores.py PLUGIN LAYOUT OPTIMIZATION   (LAYOUT: the program built of layout.c)
"""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import stores

PLUGIN, LAYOUT, OPTIMIZATION = "", "", ""

# What applications call, in each variant; everything that these call belongs to the data path.
DATA_PATH = {"fast_enqueue", "fast_enqueue_burst", "fast_enqueue_new_burst",
             "fast_enqueue_forward_burst", "fast_dequeue", "fast_dequeue_burst",
             "dlb2_dp_enqueue_fragments", "dlb2_dp_enqueue_released", "dlb2_dp_port_flush",
             "dlb2_dp_release_atomic", "dlb2_preschedule", "dlb2_preschedule_modify"}
# The model, which a port runs where it is inline: it knows no port, and what it has at the offset at
# which ports have their page is something else.
MODEL = re.compile(r"(dlb2_)?model_(?!bus)")
# Sends lines for hw/, from the control path.
BUS_POST = "pp_post"
# Tokens carry no pointer (data-path 1.7). The control path's lines are completions and tokens of
# events that are thrown away: no other core goes on with their flows.
NEED_NO_FENCE = {"dlb2_return_tokens", "send_arm", BUS_POST}


def read_layout():
    output = subprocess.run([LAYOUT], check=True, capture_output=True, text=True).stdout
    return stores.Layout(**{name: int(value) for name, value in
                            (pair.split("=") for pair in output.split())})


class Plugin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.functions = stores.disassemble(PLUGIN)
        cls.data_path = stores.reachable(cls.functions, DATA_PATH, MODEL)
        cls.storing = [f for f in cls.functions.values() if f.direct_stores]
        cls.follower = stores.Follower(cls.functions, read_layout(), cls.data_path, NEED_NO_FENCE)
        for entry in stores.entries(PLUGIN, cls.functions):
            cls.follower.run(entry)

    def need_optimisation(self):
        if OPTIMIZATION == "0":
            self.skipTest("the code is not optimised")

    def test_functions_are_found(self):
        names = {f.base_name for f in self.functions.values()}
        self.assertLessEqual(DATA_PATH | NEED_NO_FENCE, names)

    def test_both_stores_are_there(self):
        self.assertEqual({i.mnemonic for f in self.storing for i in f.direct_stores},
                         stores.DIRECT_STORES)

    def test_no_other_direct_store(self):
        self.assertEqual(stores.forbidden_stores(self.functions), [])

    def test_only_data_path_and_bus_store(self):
        outside = {f.base_name for f in self.storing if f.address not in self.data_path}
        self.assertLessEqual(outside, {BUS_POST})

    def test_sequences(self):
        for function in self.storing:
            self.assertEqual(stores.sequence_errors(function, OPTIMIZATION != "0"), [])

    def test_every_way_is_fenced(self):
        self.need_optimisation()
        unfenced = [f"{f.name}: {i}" for f, i in self.follower.unfenced.values()]
        self.assertEqual(unfenced, [])

    def test_pages_and_flags(self):
        self.need_optimisation()
        self.assertEqual(sorted(self.follower.faults.values()), [])


# Where the snippets have what branches decide on.
SNIPPET_LAYOUT = stores.Layout(port_store=0x1c, pp_store=0x14, port_page=0x10, pp_page=0x8,
                               writer_fenced=0x18, writer_line=0x8)
MOVNTDQ_LINE = "".join(f"movdqa {offset}(%rdx),%xmm0\nmovntdq %xmm0,(%rax)\nsfence\n"
                       for offset in (0, 16, 32, 48))


class Snippet:
    """A function `f`, assembled from text that may have more functions."""

    def __init__(self, text):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "snippet.o"
            subprocess.run(["as", "-o", file, "-"], check=True, text=True,
                           input=f".text\n.type f,@function\nf:\n{text}\n")
            self.functions = stores.disassemble(file)
        self.function = next(f for f in self.functions.values() if f.name == "f")

    def sequence_errors(self):
        return len(stores.sequence_errors(self.function))

    def follow(self, excused=()):
        follower = stores.Follower(self.functions, SNIPPET_LAYOUT, self.functions, excused)
        follower.run(self.function)
        return follower

    def unfenced(self, excused=()):
        return len(self.follow(excused).unfenced)

    def faults(self):
        return len(self.follow().faults)


class Sequences(unittest.TestCase):
    def test_legal(self):
        loop = ("lea 64(%rdx),%rcx\n1: movdqa (%rdx),%xmm1\nmovntdq %xmm1,(%rax)\nsfence\n"
                "add $16,%rdx\ncmp %rcx,%rdx\njne 1b\nret")
        for text in ("movdir64b (%rdx),%rax\nret", MOVNTDQ_LINE + "ret",
                     MOVNTDQ_LINE + "add $64,%rdx\n" + MOVNTDQ_LINE + "ret", loop):
            self.assertEqual(Snippet(text).sequence_errors(), 0, text)

    def test_fence_is_missing(self):
        text = MOVNTDQ_LINE.replace("sfence\n", "", 1)
        self.assertGreater(Snippet(text + "ret").sequence_errors(), 0)

    def test_fence_is_behind_another_store(self):
        text = MOVNTDQ_LINE.replace("sfence\n", "mov %rcx,8(%rdi)\nsfence\n", 1)
        self.assertGreater(Snippet(text + "ret").sequence_errors(), 0)

    def test_fence_is_behind_a_branch(self):
        text = MOVNTDQ_LINE.replace("sfence\n", "jne 1f\nsfence\n1:\n", 1)
        self.assertGreater(Snippet(text + "ret").sequence_errors(), 0)

    def test_hcws_in_another_order(self):
        text = MOVNTDQ_LINE.replace("a 0(", "a 99(").replace("a 16(", "a 0(").replace("99", "16")
        self.assertGreater(Snippet(text + "ret").sequence_errors(), 0)

    def test_three_hcws(self):
        text = MOVNTDQ_LINE[:MOVNTDQ_LINE.index("movdqa 48")]
        self.assertGreater(Snippet(text + "ret").sequence_errors(), 0)

    def test_hcws_that_are_left_out(self):
        skip = "cmpb $0,{}(%rdx)\nje {}f\n"
        lines = MOVNTDQ_LINE.split("movdqa ")[1:]
        text = "".join(skip.format(16 * n + 15, n) + "movdqa " + line + f"{n}:\n"
                       for n, line in enumerate(lines))
        self.assertEqual(Snippet(text + "ret").sequence_errors(), 0)
        again = text.replace("3:\n", "jne 1b\n3:\n")
        self.assertGreater(Snippet(again + "ret").sequence_errors(), 0)

    def test_loop_that_stays(self):
        text = "1: movdqa (%rdx),%xmm1\nmovntdq %xmm1,(%rax)\nsfence\ndec %ecx\njne 1b\nret"
        self.assertGreater(Snippet(text).sequence_errors(), 0)

    def test_not_all_to_the_base(self):
        text = MOVNTDQ_LINE.replace("(%rax)", "16(%rax)", 1)
        self.assertGreater(Snippet(text + "ret").sequence_errors(), 0)

    def test_other_stores_around_the_caches(self):
        for text in ("movnti %rax,(%rdx)", "vmovntdq %zmm0,(%rax)", "vmovntdq %ymm0,(%rax)",
                     "movntps %xmm0,(%rax)", "enqcmd (%rdx),%rax", "movdiri %rax,(%rdx)",
                     "maskmovdqu %xmm1,%xmm0"):
            self.assertEqual(len(stores.forbidden_stores(Snippet(text).functions)), 1, text)
        load = Snippet("movntdqa (%rax),%xmm0\nret")
        self.assertEqual(stores.forbidden_stores(load.functions), [])


class Ways(unittest.TestCase):
    def test_fence_first(self):
        self.assertEqual(Snippet("sfence\nmovdir64b (%rdx),%rax\nret").unfenced(), 0)

    def test_no_fence(self):
        self.assertEqual(Snippet("movdir64b (%rdx),%rax\nsfence\nret").unfenced(), 1)

    def test_fence_on_one_branch_only(self):
        text = "test %esi,%esi\nje 1f\nsfence\n1: movdir64b (%rdx),%rax\nret"
        self.assertEqual(Snippet(text).unfenced(), 1)

    def test_fence_before_a_loop(self):
        text = "sfence\n1: movdir64b (%rdx),%rax\nadd $64,%rdx\ndec %ecx\njne 1b\nret"
        self.assertEqual(Snippet(text).unfenced(), 0)

    def test_fence_for_the_device_only(self):
        text = ("cmpb $0,0x1c(%rdi)\njne 2f\n1: movzbl 0x1c(%rdi),%ecx\ntest %cl,%cl\njne 3f\nret\n"
                "2: sfence\njmp 1b\n3: movdir64b (%rdx),%rax\nret")
        self.assertEqual(Snippet(text).unfenced(), 0)

    def test_fence_for_the_model_only(self):
        text = ("cmpb $0,0x1c(%rdi)\nje 2f\n1: movzbl 0x1c(%rdi),%ecx\ntest %cl,%cl\njne 3f\nret\n"
                "2: sfence\njmp 1b\n3: movdir64b (%rdx),%rax\nret")
        self.assertEqual(Snippet(text).unfenced(), 1)

    def test_condition_that_something_else_overwrote(self):
        text = ("cmpb $0,0x1c(%rdi)\nmovzbl 0x1c(%rdi),%ecx\njne 2f\n1: mov %esi,%ecx\n"
                "test %cl,%cl\njne 3f\nret\n2: sfence\njmp 1b\n3: movdir64b (%rdx),%rax\nret")
        self.assertEqual(Snippet(text).unfenced(), 1)

    def test_fence_in_a_called_function(self):
        text = "call g\nmovdir64b (%rdx),%rax\nret\n.type g,@function\ng: {}ret"
        self.assertEqual(Snippet(text.format("sfence\n")).unfenced(), 0)
        self.assertEqual(Snippet(text.format("")).unfenced(), 1)

    def test_store_in_a_called_function(self):
        text = "{}jmp g\n.type g,@function\ng: movdir64b (%rdx),%rax\nret"
        self.assertEqual(Snippet(text.format("sfence\n")).unfenced(), 0)
        self.assertEqual(Snippet(text.format("")).unfenced(), 1)
        self.assertEqual(Snippet(text.format("")).unfenced({"g"}), 0)

    def test_excused_function_is_no_fence(self):
        text = "call g\nmovdir64b (%rdx),%rax\nret\n.type g,@function\ng: sfence\nret"
        self.assertEqual(Snippet(text).unfenced({"g"}), 1)

    def test_writer_that_says_it_has_fenced(self):
        text = ("mov 0x10(%rsi),%rax\ncmpb $0,0x18(%rdi)\njne 1f\n{}movb $1,0x18(%rdi)\n"
                "1: movdir64b (%rdx),%rax\nret")
        right, wrong = Snippet(text.format("sfence\n")), Snippet(text.format(""))
        self.assertEqual((right.unfenced(), right.faults()), (0, 0))
        self.assertEqual((wrong.unfenced(), wrong.faults()), (1, 1))

    def test_open_line_of_a_writer(self):
        text = ("lea {}(%rsp),%rdi\ncall g\nmov 0x28(%rsp),%rdx\ntest %rdx,%rdx\nje 1f\n"
                "movdir64b (%rdx),%rax\n1: ret\n.type g,@function\ng: ret")
        self.assertEqual(Snippet(text.format("0x20")).unfenced(), 0)
        self.assertEqual(Snippet(text.format("0x30")).unfenced(), 1)

    def test_ordinary_stores_to_a_page(self):
        device = "cmpb $0,0x1c(%rdi)\nje 1f\nmov 0x10(%rdi),%rax\nsfence\n{}\n1: ret"
        for text in ("mov %rcx,(%rax)", "vmovdqa64 %zmm0,(%rax)", "movaps %xmm0,16(%rax)",
                     "lock incl (%rax)"):
            self.assertEqual(Snippet(device.format(text)).faults(), 1, text)
        for text in ("movdir64b (%rdx),%rax", "mov (%rax),%rcx", "mov %rcx,(%rdx)"):
            self.assertEqual(Snippet(device.format(text)).faults(), 0, text)
        self.assertEqual(Snippet(device.format("mov %rcx,(%rax)").replace("je", "jne")).faults(), 0)

    def test_place_of_a_direct_store(self):
        text = "sfence\nmov {}(%rdi),%rax\n{}\n1: movdir64b (%rdx),%rax\n{}jne 1b\nret"
        for parts in (("0x10", "mov %rax,%rcx", "dec %esi\n"), ("0x10", "", "add $64,%rdx\n")):
            self.assertEqual(Snippet(text.format(*parts)).faults(), 0, parts)
        for parts in (("0x10", "add $64,%rax", ""), ("0x10", "lea 64(%rdi),%rax", ""),
                      ("0x10", "", "add $64,%rax\n"), ("0x40", "", "")):
            self.assertEqual(Snippet(text.format(*parts)).faults(), 1, parts)

    def test_jump_through_a_register(self):
        with self.assertRaises(stores.Unknown):
            Snippet("sfence\nmovdir64b (%rdx),%rax\njmp *%rcx").unfenced()


class Reachable(unittest.TestCase):
    """f calls g and h, g calls k, h jumps to k's neighbour l."""

    def names(self, border=None):
        text = "call g\ncall h\nret\n" + "".join(
            f".type {name},@function\n{name}:\n{code}\n" for name, code in
            (("g", "call k\nret"), ("h", "jmp l"), ("k", "ret"), ("l", "ret")))
        found = stores.reachable(Snippet(text).functions, {"f"}, border)
        return {function.name for function in found.values()}

    def test_all(self):
        self.assertEqual(self.names(), {"f", "g", "h", "k", "l"})

    def test_border(self):
        self.assertEqual(self.names(re.compile("g$")), {"f", "h", "l"})


if __name__ == "__main__":
    PLUGIN, LAYOUT, OPTIMIZATION = sys.argv[1:]
    unittest.main(argv=sys.argv[:1])
