# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What was measured: samples of named figures, and what is told of them."""

import dataclasses
import json
import statistics

from .failure import Failure

FORMAT = 1


@dataclasses.dataclass
class Figure:
    """All samples of one quantity."""
    name: str  # with its unit
    who: str  # the driver or device
    where: dict  # the conditions, such as {"burst": 32}
    samples: list = dataclasses.field(default_factory=list)

    @property
    def median(self):
        """Of the samples; the mean of the middle two if their number is even."""
        return statistics.median(self.samples)

    @property
    def least(self):
        """The smallest sample."""
        return min(self.samples)

    @property
    def most(self):
        """The largest sample."""
        return max(self.samples)


class Figures:
    """The figures of one study, in the order in which they first came."""

    def __init__(self, figures=()):
        self._figures = {self._key(one.name, one.who, one.where): one for one in figures}

    @staticmethod
    def _key(name, who, where):
        return name, who, tuple(where.items())

    def __iter__(self):
        return iter(self._figures.values())

    def add(self, name, who, where, sample):
        """Takes one more sample."""
        key = self._key(name, who, where)
        self._figures.setdefault(key, Figure(name, who, where)).samples.append(sample)

    def find(self, name, who, where):
        """That figure, or None."""
        return self._figures.get(self._key(name, who, where))

    def select(self, name, **where):
        """All figures of that name whose conditions include the given ones."""
        return [one for one in self if one.name == name and where.items() <= one.where.items()]

    def names_of(self, name):
        """Who has figures of that name, in order."""
        return list(dict.fromkeys(one.who for one in self if one.name == name))

    def reference(self, figure, peers, higher_is_better):
        """The best figure of the peers under the same conditions, or None."""
        found = [self.find(figure.name, who, figure.where) for who in peers]
        best = max if higher_is_better else min
        return best(filter(None, found), key=lambda one: one.median, default=None)

    def ratio(self, figure, peers, higher_is_better):
        """The median divided by that of the reference, or None."""
        reference = self.reference(figure, peers, higher_is_better)
        return figure.median / reference.median if reference and reference.median else None


@dataclasses.dataclass
class Run:
    """What one call of the tool measured, and where: {name of the study: Figures}."""
    conditions: dict
    studies: dict


def write_json(path, run):
    """All samples."""
    content = {"format": FORMAT, "conditions": run.conditions,
               "studies": {name: [dataclasses.asdict(one) for one in figures]
                           for name, figures in run.studies.items()}}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read_json(path):
    """What write_json() has written; raises Failure."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise Failure(f"{path}: format {content['format']}, where this tool reads {FORMAT}")
        return Run(content["conditions"], {
            name: Figures(Figure(**one) for one in figures)
            for name, figures in content["studies"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Failure(f"{path} is no JSON file of this tool: {error}") from error
