#!/usr/bin/env python3
"""The gate: whether the image may be shipped with what is known of its packages.

    python3 tools/image/audit.py [--debian FILE|URL] [--osv FILE]... [--require-osv] ...

Exit status: 0 nothing blocks; 1 something does: a vulnerability for which Debian has a fix that the
lock does not take, unless it is rated low or medium, or an exception names it; 2 it cannot be
decided: the data is missing, empty, unreadable, older than --age-max days, of a day to come, or not
what it should be, or the exceptions are not sound.
"""

import argparse
import datetime
import pathlib
import sys

import advisories
import archives
import dated
import engine
import lock as locks
import vex

TRACKER = "https://security-tracker.debian.org/tracker/data/json"
KEPT = locks.ROOT / "build" / "image" / "audit"
CLEAN, FINDINGS, UNDECIDED = 0, 1, 2


def arguments(words):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--debian", default=TRACKER, help="the tracker's data: dated file, or URL")
    parser.add_argument("--osv", action="append", default=[],
                        help="records of OSV: dated JSON file, or URL of its query API; may be "
                             "repeated")
    parser.add_argument("--require-osv", action="store_true", help="undecided without --osv")
    parser.add_argument("--vex", type=pathlib.Path,
                        default=locks.FOLDER / "exceptions.openvex.json")
    parser.add_argument("--lock", type=pathlib.Path, help="[that of this machine]")
    parser.add_argument("--age-max", type=int, default=5, metavar="DAYS")
    parser.add_argument("--today", type=datetime.date.fromisoformat,
                        default=datetime.datetime.now(datetime.timezone.utc).date())
    return parser.parse_args(words)


def debian_data(given):
    path = pathlib.Path(given.debian)
    if "://" in given.debian:
        path = dated.fetch(given.debian, KEPT, given.today, "debian")
    dated.check_age(path, given.today, given.age_max)
    return dated.read_json(path), path.name


def osv_data(given):
    if not given.osv and given.require_osv:
        raise dated.CannotDecide("no data of OSV; --require-osv asks for it")
    records = []
    for place in given.osv:
        if "://" in place:
            records += asked_osv(place, given.today)
            continue
        path = pathlib.Path(place)
        dated.check_age(path, given.today, given.age_max)
        records += advisories.osv_records(dated.read_json(path), path.name)
    return records


def asked_osv(address, today):
    """What OSV's API knows of ONNX Runtime; {} is its word for nothing."""
    question = {"package": {"ecosystem": "PyPI", "name": "onnxruntime"}}
    path = dated.fetch(address, KEPT, today, "osv", question)
    answer = dated.read_json(path)
    if answer == {}:
        return []
    if not isinstance(answer, dict) or "vulns" not in answer or "next_page_token" in answer:
        raise dated.CannotDecide(f"{address}: not a whole answer of OSV")
    return advisories.osv_records(answer["vulns"], path.name)


def findings(given):
    lock = locks.read(given.lock or locks.lock_file(*archives.this_system()))
    data, name = debian_data(given)
    advisories.check_tracker(data, lock.suite, name)
    records = osv_data(given)
    found = list(advisories.debian_findings(data, lock.suite, lock.packages,
                                            advisories.severities(records)))
    found += advisories.pypi_findings(records, "onnxruntime", engine.pins()[0])
    return sorted(set(found))


def judge(found, exemptions, today):
    """[(finding, verdict)]: blocks, expired, exempt, or noted."""
    for finding in found:
        covering = [exemption for exemption in exemptions if exemption.covers(finding)]
        if not finding.blocks:
            yield finding, "noted"
        elif any(exemption.expires >= today for exemption in covering):
            yield finding, "exempt"
        else:
            yield finding, "expired" if covering else "blocks"


def report(judged, exemptions, given, say):
    reasons = {"blocks": "BLOCKS", "expired": "BLOCKS, its exception has expired",
               "exempt": "exempt"}
    for finding, verdict in judged:
        if verdict in reasons:
            say(f"{reasons[verdict]}: {finding.identifier} ({finding.severity}) in "
                f"{finding.package} {finding.version}, fixed in {finding.fixed_in}")
    counts = {word: sum(verdict == word for _, verdict in judged)
              for word in ("blocks", "expired", "exempt", "noted")}
    for exemption in exemptions:
        if not any(exemption.covers(finding) for finding, _ in judged):
            say(f"no longer needed: the exception for {exemption.identifier} in "
                f"{exemption.package}")
    if not given.osv:
        say("ONNX Runtime was not looked at: no data of OSV was given (--osv)")
    blocking = counts["blocks"] + counts["expired"]
    say(f"audit: {blocking} blocking, {counts['exempt']} exempt, {counts['noted']} without a fix "
        "or of low or medium severity")
    if blocking:
        say("`make image-lock` takes the fixed packages")
    return FINDINGS if blocking else CLEAN


def main(words, say=print):
    given = arguments(words)
    try:
        exemptions = vex.read(dated.read_json(given.vex), given.vex.name, given.today)
        judged = list(judge(findings(given), exemptions, given.today))
        return report(judged, exemptions, given, say)
    except (dated.CannotDecide, locks.LockError) as error:
        say(f"audit: cannot decide: {error}")
    except Exception as error:  # pylint: disable=broad-exception-caught
        say(f"audit: cannot decide: {type(error).__name__}: {error}")
    return UNDECIDED


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main(sys.argv[1:]))
