# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The dlb2 project
"""What a study is: a module of this package with the names that check() lists."""

import dataclasses

from .failure import Failure

# NAME        what --only calls it
# PEERS       whose figures are the reference; of several the best counts
# HIGHER      names of the figures of which more is better
# HEADLINES   figures that the summary shows
# measure(programs, options, figures)   takes one sample of everything
# draw(pyplot, figures)                 returns pyplot's figure
NAMES = ("NAME", "PEERS", "HIGHER", "HEADLINES", "measure", "draw")


@dataclasses.dataclass
class Headline:
    """A row of the summary: the best of ours beside the best peer."""
    title: str
    name: str  # of the figure
    where: dict
    whose: str = None  # this one of ours, not the best
    limit: float = None  # the median must not be above it: only for what is counted, not timed
    ratio_limit: float = None  # nor the ratio

    def best(self, figures, peers, higher_is_better):
        """The figure of ours that is shown, or None."""
        ours = [one for one in figures.select(self.name) if one.where == self.where and
                (one.who == self.whose if self.whose else one.who not in peers)]
        best = max if higher_is_better else min
        return best(ours, key=lambda one: one.median, default=None)


def broken_limits(study, figures):
    """A sentence for each limit that figures of a study exceed."""
    for row in study.HEADLINES:
        higher = row.name in study.HIGHER
        ours = row.best(figures, study.PEERS, higher)
        if ours is None:
            continue
        ratio = figures.ratio(ours, study.PEERS, higher)
        if row.limit is not None and ours.median > row.limit:
            yield f"{study.NAME}: {row.title}: {ours.median:.4g}, must be at most {row.limit}"
        if row.ratio_limit is not None and ratio is not None and ratio > row.ratio_limit:
            yield (f"{study.NAME}: {row.title}: {ratio:.3g} times the peer's, must be at most "
                   f"{row.ratio_limit}")


def choose(studies, names):
    """Those of the studies that `names` lists, all for None; raises Failure."""
    known = {study.NAME: study for study in studies}
    for name in names or ():
        if name not in known:
            raise Failure(f"--only {name}: the studies are {', '.join(known)}")
    return [study for study in studies if names is None or study.NAME in names]
