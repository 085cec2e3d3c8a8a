# SPDX-License-Identifier: Apache-2.0
"""Which metrics the dashboard and the rules use, and which a gateway shows."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
DASHBOARD = ROOT / "deploy/grafana/bulkhead.json"
RULES = ROOT / "deploy/prometheus/bulkhead-alerts.yml"
RULES_TEST = ROOT / "deploy/prometheus/bulkhead-alerts-test.yml"
CONFIG = ROOT / "deploy/prometheus/prometheus.yml"
PAGE = ROOT / "docs/metrics.md"

# What Prometheus makes itself.
MADE_BY_PROMETHEUS = {"up"}


def dashboard_expressions():
    dashboard = json.loads(DASHBOARD.read_text())
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]


def rule_expressions():
    """Of the file's own layout: `expr: |` or `expr: ...`, more indented lines after it."""
    expressions = []
    lines = RULES.read_text().splitlines()
    for number, line in enumerate(lines):
        found = re.match(r"( +)expr: (.*)", line)
        if not found:
            continue
        expression = [found[2]] if found[2] != "|" else []
        for following in lines[number + 1:]:
            if len(following) - len(following.lstrip()) <= len(found[1]):
                break
            expression.append(following.strip())
        expressions.append(" ".join(expression))
    return expressions


def recorded_names():
    return set(re.findall(r"record: (\S+)", RULES.read_text()))


def alert_names():
    return set(re.findall(r"alert: (\S+)", RULES.read_text()))


def metrics_of(expression):
    """Names that an expression reads: what stands before a selector, or alone."""
    without_text = re.sub(r'"[^"]*"', '""', expression)
    without_selectors = re.sub(r"\{[^{}]*\}", "{}", without_text)
    without_groups = re.sub(r"\b(by|without|on|ignoring)\s*\([^()]*\)", " ", without_selectors)
    without_ranges = re.sub(r"\[[^\]]*\]", "", without_groups)
    names = re.findall(r"[A-Za-z_:][A-Za-z0-9_:]*(?!\w|\s*\()", without_ranges)
    return {name for name in names if name not in {"and", "or", "unless", "bool"}}


def families_of(exposition):
    """Family name -> its type, its help and the names of its labels."""
    families = {}
    for line in exposition.splitlines():
        if found := re.match(r"# (HELP|TYPE) (\S+) (.*)", line):
            family = families.setdefault(found[2], {"labels": set()})
            family[found[1].lower()] = found[3]
        elif found := re.match(r"([^\s{]+)(\{.*\})? ", line):
            name = family_of(found[1], families)
            labels = re.findall(r'([a-z_]+)="', found[2] or "")
            families[name]["labels"] |= set(labels) - {"le"}
    return families


def family_of(name, families):
    """Of a sample: a histogram's come with three endings."""
    for ending in ("", "_bucket", "_sum", "_count"):
        if ending and not name.endswith(ending):
            continue
        stem = name.removesuffix(ending)
        if stem in families and (not ending or families[stem].get("type") == "histogram"):
            return stem
    return None
