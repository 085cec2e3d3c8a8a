"""What Debian's security tracker and OSV know of the packages in the lock.

Debian: the export of security-tracker.debian.org, {source: {CVE: {releases: {release: {status,
fixed_version, urgency}}}}}. OSV: a list of records in the schema of ossf.github.io/osv-schema, of
which PyPI's for onnxruntime are matched, and severities are taken for every CVE.
"""

import dataclasses

import cvss
import debian_version
from dated import CannotDecide

# Debian's own word, where nobody else rates a CVE. Not rated is not harmless.
URGENCIES = {"unimportant": "low", "low": "low", "medium": "medium", "high": "high",
             "end-of-life": "unknown", "not yet assigned": "unknown", "": "unknown"}
ORDER = ("low", "medium", "unknown", "high", "critical")
# In every Debian image there is; data without them is not the tracker's.
ALWAYS_TRACKED = ("glibc", "openssl")


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    package: str   # the source package, or what OSV calls it
    version: str
    identifier: str
    severity: str  # one of ORDER
    fixed_in: str  # empty: there is no fix yet

    @property
    def blocks(self):
        return bool(self.fixed_in) and ORDER.index(self.severity) >= ORDER.index("unknown")


def check_tracker(data, suite, name):
    """That this is the tracker's data and knows the release."""
    if not isinstance(data, dict) or not all(isinstance(v, dict) for v in data.values()):
        raise CannotDecide(f"{name}: not the data of Debian's tracker")
    for source in ALWAYS_TRACKED:
        known = data.get(source, {})
        if not any(isinstance(entry, dict) and suite in (entry.get("releases") or {})
                   for entry in known.values()):
            raise CannotDecide(f"{name}: knows nothing of {source} in {suite}; is it whole?")


def debian_findings(data, suite, packages, severities):
    sources = sorted({(package.source, package.source_version) for package in packages})
    for source, version in sources:
        for identifier, entry in sorted(data.get(source, {}).items()):
            found = debian_finding(source, version, identifier, entry, suite)
            if found is None:
                continue
            rated = severities.get(identifier)
            yield dataclasses.replace(found, severity=rated) if rated else found


def debian_finding(source, version, identifier, entry, suite):
    """None: this release's version is not affected."""
    try:
        release = entry["releases"].get(suite)
        if release is None:
            return None
        status, fixed = release["status"], release.get("fixed_version", "")
        severity = URGENCIES.get(release.get("urgency", "").rstrip("*"), "unknown")
        if status == "resolved":
            if fixed == "0" or debian_version.compare(version, fixed) >= 0:
                return None
            return Finding(source, version, identifier, severity, fixed)
        if status not in ("open", "undetermined"):
            raise ValueError(f"status {status!r}")
        return Finding(source, version, identifier, severity, "")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CannotDecide(f"{source}, {identifier}: not as the tracker writes it: "
                           f"{error}") from error


def osv_records(data, name):
    records = data if isinstance(data, list) else [data]
    if not records or not all(isinstance(r, dict) and isinstance(r.get("id"), str)
                              and isinstance(r.get("affected", []), list) for r in records):
        raise CannotDecide(f"{name}: no records of OSV")
    return [record for record in records if not record.get("withdrawn")]


def severities(records):
    """{CVE: severity}, the highest that any record gives."""
    found = {}
    for record in records:
        severity = cvss.severity_of(record)
        for identifier in {record["id"], *record.get("aliases", [])}:
            if severity != "unknown":
                before = found.get(identifier, "low")
                found[identifier] = max(before, severity, key=ORDER.index)
    return found


def pypi_findings(records, name, version):
    for record in records:
        for affected in record.get("affected", []):
            package = affected.get("package", {})
            if (package.get("ecosystem"), package.get("name", "").lower()) != ("PyPI", name):
                continue
            hit, fixed = in_ranges(affected, version)
            if hit:
                yield Finding(name, version, record["id"], cvss.severity_of(record), fixed)


def in_ranges(affected, version):
    """(whether the version is affected, the fix). Ranges that cannot be read count as affected."""
    if version in affected.get("versions", []):
        return True, first_fix(affected)
    try:
        ours = release_numbers(version)
        for span in affected.get("ranges", []):
            if span.get("type") == "GIT":
                continue
            hit = False
            for event in span["events"]:
                if "introduced" in event and ours >= release_numbers(event["introduced"]):
                    hit = True
                if "fixed" in event and ours >= release_numbers(event["fixed"]):
                    hit = False
                if "last_affected" in event and ours > release_numbers(event["last_affected"]):
                    hit = False
            if hit:
                return True, first_fix(affected)
    except (KeyError, TypeError, ValueError):
        return True, first_fix(affected)
    return False, ""


def release_numbers(version):
    return tuple(int(part) for part in version.split("."))


def first_fix(affected):
    return next((event["fixed"] for span in affected.get("ranges", [])
                 for event in span.get("events", []) if "fixed" in event), "")
