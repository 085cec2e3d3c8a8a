"""How severe a record of OSV is: its own word, or the base score of its CVSS 3 vector.

Formula and weights: FIRST, "Common Vulnerability Scoring System v3.1: Specification Document",
sections 7.1 and 7.4; names of the ranges: its section 5.
"""

import math

WEIGHTS = {"AV": {"N": .85, "A": .62, "L": .55, "P": .2}, "AC": {"L": .77, "H": .44},
           "UI": {"N": .85, "R": .62}, "C": {"H": .56, "L": .22, "N": 0},
           "I": {"H": .56, "L": .22, "N": 0}, "A": {"H": .56, "L": .22, "N": 0}}
PRIVILEGES = {"U": {"N": .85, "L": .62, "H": .27}, "C": {"N": .85, "L": .68, "H": .5}}
WORDS = {"LOW": "low", "MODERATE": "medium", "MEDIUM": "medium", "HIGH": "high",
         "CRITICAL": "critical"}


def round_up(value):
    """To one decimal, as appendix A of the specification does it."""
    scaled = round(value * 100_000)
    return scaled / 100_000 if scaled % 10_000 == 0 else (math.floor(scaled / 10_000) + 1) / 10


def base_score(vector):
    """ValueError: not a vector of CVSS 3."""
    head, *parts = vector.split("/")
    if head not in ("CVSS:3.0", "CVSS:3.1"):
        raise ValueError(vector)
    metrics = dict(part.split(":", 1) for part in parts)
    try:
        changed = {"U": False, "C": True}[metrics["S"]]
        weights = {name: table[metrics[name]] for name, table in WEIGHTS.items()}
        privileges = PRIVILEGES[metrics["S"]][metrics["PR"]]
    except KeyError as error:
        raise ValueError(vector) from error
    base = 1 - (1 - weights["C"]) * (1 - weights["I"]) * (1 - weights["A"])
    impact = 7.52 * (base - .029) - 3.25 * (base - .02) ** 15 if changed else 6.42 * base
    if impact <= 0:
        return 0.0
    ease = 8.22 * weights["AV"] * weights["AC"] * privileges * weights["UI"]
    return round_up(min((1.08 if changed else 1) * (impact + ease), 10))


def name_of(score):
    return ("critical" if score >= 9 else "high" if score >= 7 else "medium" if score >= 4
            else "low")


def severity_of(record):
    """"low" to "critical", or "unknown"."""
    found = []
    for entry in record.get("severity", []):
        try:
            found.append(base_score(entry.get("score", "")))
        except ValueError:
            continue  # version 2 and 4 vectors; then the word counts
    if found:
        return name_of(max(found))
    word = record.get("database_specific", {}).get("severity", "")
    return WORDS.get(word.upper() if isinstance(word, str) else "", "unknown")
