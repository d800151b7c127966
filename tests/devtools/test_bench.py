#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""devtools/bench: medians, ratios, tables, files, limits, plots. Nothing is measured here."""

import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "devtools" / "bench"
sys.path.insert(0, str(BENCH.parent))

from benchlib import (control, driver, latency, loop, offload, programs, report,  # noqa: E402
                      scaling)
from benchlib.draw import draw  # noqa: E402
from benchlib.failure import Failure  # noqa: E402
from benchlib.figures import Figure, Figures, Run, read_json, write_json  # noqa: E402
from benchlib.study import NAMES, broken_limits, choose  # noqa: E402

STUDIES = (driver, control, loop, scaling, latency, offload)
COUNTED_ONCE = (scaling.IDLE_INSTRUCTIONS, scaling.INSTRUCTIONS, scaling.MIXED_INSTRUCTIONS,
                scaling.FEW_INSTRUCTIONS)
NO_MATPLOTLIB = importlib.util.find_spec("matplotlib") is None


def costs(instructions=20.0, ns=5.0):
    """What dlb2-bench-driver prints."""
    return [{"burst": burst, "dequeue_instructions": instructions / 4,
             "enqueue_instructions": 3 * instructions / 4, "stores": 0.25, "ns": ns,
             "ns_ordinary_stores": ns}
            for burst in driver.BURSTS] + [{"empty_dequeue_instructions": 20.0}]


def steps(**values):
    """What dlb2-bench-driver --control prints."""
    return [{"step": step, **values} for step in ("configure", "start")]


def series(types_, bursts):
    """What perf writes."""
    forms = {"event_dlb2_model0": ["none"], "event_dlb2_model1": ["none"], "event_dsw0": ["none"],
             "event_sw0": ["before every dequeue", "after an empty dequeue"]}
    return [{"name": name, "service_run": form, "type": kind, "burst": burst,
             "events_per_second": [3e6] if name == "event_sw0" else [6e6],
             "cycles_per_event": [1e3] if name == "event_sw0" else [5e2],
             "latency_ns": [{"percentiles": {"50": 100.0, "99": 300.0}}]}
            for kind in types_ for burst in bursts for name in forms for form in forms[name]]


class FakePrograms:
    """Answers as the programs would."""

    def has_in_tree(self):
        return True

    def bench_driver(self, ours, *arguments):
        if "--control" not in arguments:
            return costs(20.0 if ours else 80.0)
        if "accesses" in arguments:
            return steps(reads=1, writes=9 if ours else 19)
        return steps(us=5.0)

    def perf(self, devices, *arguments):
        if "o" in arguments or "--latency" in arguments or "--queues" in arguments:
            return {"series": [one for one in series(["atomic"], [32])
                               if any(device.startswith(one["name"]) for device in devices)]}
        return {"series": series(loop.TYPES, loop.BURSTS)}

    build = pathlib.Path("/")

    def run(self, name, *arguments, prefix=()):
        """bench_model under callgrind: 1000 instructions, and 100 for each event."""
        events = arguments[4]
        return types.SimpleNamespace(stderr=f"Collected : {1000 + 100 * events}\n")


def measured(study, times=2):
    """Figures of a study that were taken from the fake programs."""
    figures = Figures()
    with mock.patch.object(driver, "simd_widths", lambda: [64, 512]), \
            mock.patch.object(scaling.shutil, "which", lambda name: name), \
            mock.patch.object(scaling, "BENCH_MODEL", "."):
        for _ in range(times):
            study.measure(FakePrograms(), types.SimpleNamespace(quick=False), figures)
    return figures


class Statistics(unittest.TestCase):
    def test_median_and_spread(self):
        odd, even = Figure("ns", "a", {}, [9, 1, 2]), Figure("ns", "a", {}, [4, 1, 2, 100])
        self.assertEqual((odd.median, odd.least, odd.most), (2, 1, 9))
        self.assertEqual(even.median, 3)

    def test_samples_are_kept_apart(self):
        figures = Figures()
        for who, burst, sample in (("a", 1, 5), ("a", 1, 7), ("b", 1, 8), ("a", 2, 9)):
            figures.add("ns", who, {"burst": burst}, sample)
        self.assertEqual(figures.find("ns", "a", {"burst": 1}).samples, [5, 7])
        self.assertEqual([one.who for one in figures.select("ns", burst=1)], ["a", "b"])
        self.assertIsNone(figures.find("ns", "b", {"burst": 2}))

    def test_ratio_to_the_better_peer(self):
        figures = Figures()
        for who, sample in (("ours", 30), ("slow", 10), ("quick", 20)):
            figures.add("rate", who, {"burst": 1}, sample)
        ours = figures.find("rate", "ours", {"burst": 1})
        self.assertEqual(figures.ratio(ours, ("slow", "quick"), True), 1.5)
        self.assertEqual(figures.ratio(ours, ("slow", "quick"), False), 3)
        self.assertIsNone(figures.ratio(ours, ("absent",), True))

    def test_a_reference_of_zero_gives_no_ratio(self):
        figures = Figures([Figure("n", "ours", {}, [1]), Figure("n", "peer", {}, [0])])
        self.assertIsNone(figures.ratio(figures.find("n", "ours", {}), ("peer",), False))


class Studies(unittest.TestCase):
    def test_each_is_whole(self):
        for study in STUDIES:
            self.assertEqual([name for name in NAMES if not hasattr(study, name)], [])

    def test_every_headline_names_a_figure(self):
        for study in STUDIES:
            figures = measured(study)
            for row in study.HEADLINES:
                best = row.best(figures, study.PEERS, row.name in study.HIGHER)
                self.assertIsNotNone(best, row.title)
                times = 1 if row.name in COUNTED_ONCE else 2
                self.assertEqual(len(best.samples), times, row.title)

    def test_driver_adds_dequeue_and_enqueue(self):
        figures = measured(driver)
        one = figures.find(driver.INSTRUCTIONS, "this driver, 512 bits", {"burst": 4})
        self.assertEqual(one.samples, [20, 20])
        self.assertEqual(figures.ratio(one, driver.PEERS, False), 0.25)

    def test_control_adds_up_the_steps(self):
        where = {"version": "2.0", "step": "all"}
        figures = measured(control)
        self.assertEqual(figures.find(control.ACCESSES, "this driver", where).median, 20)
        self.assertEqual(figures.find(control.ACCESSES, "in-tree", where).median, 40)

    def test_loop_tells_the_forms_of_a_service_apart(self):
        names = measured(loop).names_of(loop.RATE)
        self.assertEqual(set(names), {"model 2.0", "model 2.5", "event_dsw", *loop.SW_FORMS})

    def test_scaling_takes_the_set_up_off(self):
        figures = measured(scaling)
        for name in COUNTED_ONCE:
            self.assertEqual({one.median for one in figures.select(name)}, {100})

    def test_latency_by_percentile(self):
        where = {"load": "heavy", "percentile": "99"}
        self.assertEqual(measured(latency).find(latency.TIME, "model 2.5", where).samples,
                         [300, 300])

    def test_offload_ratio_and_crossover(self):
        figures = measured(offload)
        self.assertEqual(offload.ratios(figures, offload.THREAD),
                         [(work, 2) for work in offload.WORK])
        # 5 ns of the driver's, 3 cycles in a nanosecond
        self.assertEqual([one.median for one in figures.select(offload.RATE)
                          if one.who == offload.BOUND and one.where["work"] in (0, 30)],
                         [1e3 / 5, 1e3 / 15])
        self.assertEqual(offload.crossover([(0, 0.5), (100, 0.8), (300, 1.2)]), 200)
        self.assertEqual(offload.crossover([(0, 1.5), (100, 0.5)]), 50)
        self.assertIsNone(offload.crossover([(0, 2), (100, 1.5)]))

    def test_choice(self):
        self.assertEqual(choose(STUDIES, None), list(STUDIES))
        self.assertEqual(choose(STUDIES, ["loop"]), [loop])
        with self.assertRaisesRegex(Failure, "--only lop: the studies are driver, control, loop, "):
            choose(STUDIES, ["lop"])


# Of the best variant at burst 32; that of the scalar one is higher.
LIMIT = driver.HEADLINES[0].limit


class Limits(unittest.TestCase):
    def test_within(self):
        self.assertEqual(list(broken_limits(driver, measured(driver))), [])

    def test_exceeded(self):
        figures = Figures()
        driver.take(figures, driver.ours(64), costs(LIMIT + 1.0))
        self.assertEqual(list(broken_limits(driver, figures)),
                         [f"driver: instructions per event, burst 32: {LIMIT + 1}, "
                          f"must be at most {LIMIT}"])

    def test_the_best_variant_counts(self):
        figures = Figures()
        for width, instructions in ((64, LIMIT + 1.0), (512, LIMIT - 1.0)):
            driver.take(figures, driver.ours(width), costs(instructions))
        self.assertEqual(list(broken_limits(driver, figures)), [])

    def test_ratio(self):
        figures, where = Figures(), {"version": "2.5", "step": "all"}
        for who, sample in ((control.OURS, 9), (control.IN_TREE, 10)):
            figures.add(control.ACCESSES, who, where, sample)
        self.assertEqual(len(list(broken_limits(control, figures))), 1)

    def test_times_have_none(self):
        for study in STUDIES:
            for row in study.HEADLINES:
                if row.name in (driver.TIME, driver.SOFTWARE, control.TIME, loop.RATE,
                                scaling.COST, latency.TIME):
                    self.assertEqual((row.limit, row.ratio_limit), (None, None))


class Report(unittest.TestCase):
    def test_numbers(self):
        self.assertEqual([report.number(n) for n in (0, 1.23456, 45.67, 12345.6, 0.012345)],
                         ["0", "1.23", "45.7", "12346", "0.0123"])

    def test_table(self):
        figures = Figures()
        for who, burst, sample in (("this driver, scalar", 1, 30), ("this driver, scalar", 1, 60),
                                   ("in-tree, vector", 1, 90), ("in-tree, vector", 4, 8)):
            figures.add(driver.TIME, who, {"burst": burst}, sample)
        self.assertEqual(list(report.tables(driver, figures)), [("ns per event", [
            ("", "burst 1", "burst 4"),
            ("this driver, scalar", "45.0 [30.0 .. 60.0] = 0.50", "-"),
            ("in-tree, vector", "90.0 = 1.00", "8.00 = 1.00")])])

    def test_conditions_but_the_last_are_in_the_title(self):
        titles = [title for title, _ in report.tables(loop, measured(loop))]
        self.assertEqual(titles, [f"million events/s, type {kind}" for kind in loop.TYPES])

    def test_summary(self):
        run = Run({}, {"driver": measured(driver)})
        rows = list(report.summary(STUDIES, run))
        self.assertEqual(len(rows), len(driver.HEADLINES))
        self.assertEqual(rows[0], ("driver", "instructions per event, burst 32", "80.0", "20.0",
                                   "20.0 .. 20.0", "0.25"))


class Json(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name, "bench.json")

    def test_round_trip(self):
        run = Run({"nice": -15}, {study.NAME: measured(study) for study in STUDIES})
        write_json(self.path, run)
        again = read_json(self.path)
        self.assertEqual(again.conditions, run.conditions)
        self.assertEqual({name: list(figures) for name, figures in again.studies.items()},
                         {name: list(figures) for name, figures in run.studies.items()})

    def test_what_is_none_of_ours(self):
        for text in ("", "[]", "{}", '{"format": 2}', '{"format": 1, "conditions": {}}'):
            with self.subTest(text=text):
                self.path.write_text(text, encoding="utf-8")
                with self.assertRaisesRegex(Failure, "bench.json"):
                    read_json(self.path)
        with self.assertRaisesRegex(Failure, "No such file"):
            read_json(self.path.with_name("absent"))


class Refused(unittest.TestCase):
    def refuse(self, message, *arguments):
        done = subprocess.run([sys.executable, BENCH, *arguments], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(message, done.stderr)

    def test_options(self):
        self.refuse("argument --repeats: 0: a number from 1 is needed", "--repeats", "0")
        self.refuse("--only speed: the studies are", "--only", "speed")
        self.refuse("/nonexistent is no JSON file of this tool", "--draw", "/nonexistent")

    def test_no_build(self):
        self.refuse("is missing: build the tree first", "--build", "/nonexistent")

    def test_a_program_that_fails(self):
        with tempfile.TemporaryDirectory() as folder:
            build = pathlib.Path(folder)
            for name in (programs.BENCH_DRIVER, programs.TEST_EVENTDEV, programs.PLUGIN):
                (build / name).parent.mkdir(parents=True)
                (build / name).write_text("#!/bin/sh\necho no device for $1 >&2; exit 3\n",
                                          encoding="utf-8")
                (build / name).chmod(0o755)
            with self.assertRaisesRegex(Failure, "status 3:\nno device for --cpu"):
                programs.Programs(build).bench_driver(True)


@unittest.skipIf(NO_MATPLOTLIB, "matplotlib is not installed")
class Plots(unittest.TestCase):
    def test_svg_and_png(self):
        for study in STUDIES:
            figures = measured(study)
            with tempfile.TemporaryDirectory() as name:
                folder = pathlib.Path(name)
                draw(study, figures, folder)
                svg = (folder / f"bench_{study.NAME}.svg").read_text(encoding="utf-8")
                for who in {one.who for one in figures}:
                    self.assertIn(who, svg)
                png = (folder / f"bench_{study.NAME}.png").read_bytes()
                self.assertTrue(png.startswith(b"\x89PNG"))

    def test_the_same_figures_give_the_same_file(self):
        def drawn():
            with tempfile.TemporaryDirectory() as name:
                draw(driver, measured(driver), pathlib.Path(name))
                return pathlib.Path(name, "bench_driver.svg").read_bytes()
        self.assertEqual(drawn(), drawn())


class WithoutMatplotlib(unittest.TestCase):
    def test_says_how_to_get_it(self):
        with mock.patch.dict(sys.modules, {"matplotlib": None}):
            with self.assertRaisesRegex(Failure, "setup.sh --bench"):
                draw(driver, measured(driver), pathlib.Path("/nonexistent"))


if __name__ == "__main__":
    unittest.main()
