# SPDX-License-Identifier: Apache-2.0
"""The table, on the terminal as it grows and in docs/conformance.md when it is done."""

import dataclasses
import datetime
import math

COLUMNS = ("model", "task", "export", "pictures", "detections", "worst IoU", "worst score",
           "mask IoU", "keypoint px", "result")
WIDTHS = (16, 9, 17, 9, 11, 10, 12, 9, 12, 10)
REASONS_SHOWN = 6


@dataclasses.dataclass
class Row:
    """One compared export; `outcome` is None when it never came to a comparison."""

    model: str
    task: str
    variant: str
    outcome: object = None
    error: str = ""
    offered: bool = True  # False: the package refused this export

    @property
    def passed(self):
        """Whether this row is no failure."""
        return not self.offered or (not self.error and self.outcome.passed)

    def cells(self):
        """The texts of COLUMNS."""
        start = [self.model, self.task, self.variant]
        if self.outcome is None:
            return start + ["", "", "", "", "", "", "FAIL" if self.offered else "not offered"]
        o = self.outcome
        measured = o.detections > 0
        excused = f" ({o.borderline} at the threshold)" if o.borderline else ""
        boxes = self.task != "classify"
        return start + [str(o.pictures), f"{o.detections}{excused}",
                        f"{o.iou:.4f}" if measured and boxes else "",
                        f"{o.score:.5f}" if measured else "",
                        number(o.mask_iou, 4), number(o.keypoint, 3),
                        "pass" if self.passed else "FAIL"]


def number(value, digits):
    """A measure that may not apply."""
    return "" if math.isnan(value) else f"{value:.{digits}f}"


def print_heading():
    """The terminal's first line."""
    print("  ".join(name.ljust(width) for name, width in zip(COLUMNS, WIDTHS)), flush=True)


def print_row(row):
    """One line, and under it why it failed."""
    print("  ".join(text.ljust(width) for text, width in zip(row.cells(), WIDTHS)), flush=True)
    for reason in reasons(row):
        print(f"    {reason}", flush=True)


def reasons(row):
    """Why a row is no pass, the first few."""
    if row.error:
        return [row.error]
    if row.outcome is None or row.passed:
        return []
    shown = row.outcome.reasons[:REASONS_SHOWN]
    rest = len(row.outcome.reasons) - len(shown)
    return shown + ([f"and {rest} more"] if rest else [])


def markdown(rows, versions, limits, notes):
    """The whole of docs/conformance.md."""
    passed = sum(row.passed and row.offered for row in rows)
    failed = sum(not row.passed for row in rows)
    lines = [
        "# Conformance with the exporter", "",
        "Written by `make conformance`; do not edit. Every network is the package's own, trained "
        "for about a minute on drawn shapes, exported by the package, and asked the same pictures "
        "twice: through the package and through `bulkhead detect --json`.", "",
        f"{datetime.date.today().isoformat()}: {passed} of {passed + failed} rows pass.", "",
        "| part | version |", "| --- | --- |",
        *(f"| {name} | {version} |" for name, version in versions.items()), "",
        f"A row passes when every picture has the same detections: equal class and name, "
        f"IoU >= {limits.iou} (rotated boxes by their corners), score within {limits.score}, "
        f"mask IoU >= {limits.mask_iou}, keypoints within {limits.keypoint:g} px of the picture "
        f"and visibility within {limits.visibility}; for classification the best {limits.best} "
        f"classes in order and their scores within {limits.score}. A detection within "
        f"{limits.score} of the threshold {limits.confidence} may be missing on one side and is "
        "then counted as at the threshold.", "",
        "| " + " | ".join(COLUMNS) + " |", "|" + " --- |" * len(COLUMNS),
        *("| " + " | ".join(row.cells()) + " |" for row in rows), "",
    ]
    told = [row for row in rows if reasons(row)]
    if told:
        lines += ["## Failures and refusals", ""]
        for row in told:
            lines += [f"- {row.model} {row.variant}:",
                      *(f"  - {reason}" for reason in reasons(row))]
        lines.append("")
    lines += ["## What the rows are", "", *(f"- {note}" for note in notes), ""]
    return "\n".join(lines)
