"""Exceptions from the gate: OpenVEX 0.2 statements that say why, and until when.

OpenVEX has no field for an end, so `status_notes` begins with "expires YYYY-MM-DD". An exception is
good for one vulnerability in one source package, pkg:deb/debian/SOURCE[@VERSION] or pkg:pypi/NAME.
"""

import dataclasses
import datetime
import re
import urllib.parse

from dated import CannotDecide

CONTEXT = "https://openvex.dev/ns/v0.2.0"
JUSTIFICATIONS = {"component_not_present", "vulnerable_code_not_present",
                  "vulnerable_code_not_in_execute_path",
                  "vulnerable_code_cannot_be_controlled_by_adversary",
                  "inline_mitigations_already_exist"}
STATUSES = {"not_affected", "affected", "fixed", "under_investigation"}
EXPIRES = re.compile(r"expires (\d{4}-\d{2}-\d{2})(?:$|[;. ])")
PRODUCT = re.compile(r"pkg:(?:deb/debian|pypi)/([a-z0-9][a-z0-9+.-]*)(?:@([^?#]+))?")
DAYS_MAX = 180


@dataclasses.dataclass(frozen=True)
class Exemption:
    identifier: str
    package: str
    version: str  # empty: any
    expires: datetime.date

    def covers(self, finding):
        return (finding.identifier == self.identifier and finding.package == self.package
                and self.version in ("", finding.version))


def read(document, name, today):
    if not isinstance(document, dict) or document.get("@context") != CONTEXT:
        raise CannotDecide(f"{name}: not OpenVEX 0.2")
    for field in ("@id", "author", "timestamp", "version", "statements"):
        if field not in document:
            raise CannotDecide(f"{name}: {field} is missing")
    if not isinstance(document["statements"], list):
        raise CannotDecide(f"{name}: statements are no list")
    found = []
    for number, statement in enumerate(document["statements"], 1):
        try:
            found += exemptions(statement, today)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise CannotDecide(f"{name}: statement {number}: {error}") from error
    return found


def exemptions(statement, today):
    status, identifier = statement["status"], statement["vulnerability"]["name"]
    if status not in STATUSES:
        raise ValueError(f"{status!r} is no status")
    if status != "not_affected":
        return []  # says something, and exempts nothing
    if statement.get("justification") not in JUSTIFICATIONS:
        raise ValueError(f"{identifier}: a justification is missing")
    if len(statement.get("impact_statement", "")) < 20:
        raise ValueError(f"{identifier}: impact_statement must say why")
    expires = EXPIRES.match(statement.get("status_notes", ""))
    if not expires:
        raise ValueError(f'{identifier}: status_notes must begin with "expires YYYY-MM-DD"')
    end = datetime.date.fromisoformat(expires[1])
    if (end - today).days > DAYS_MAX:
        raise ValueError(f"{identifier}: expires in more than {DAYS_MAX} days")
    found = []
    for product in statement["products"]:
        place = PRODUCT.fullmatch(product["@id"])
        if not place:
            raise ValueError(f"{product['@id']!r} is no pkg:deb/debian/... or pkg:pypi/...")
        found.append(Exemption(identifier, place[1], urllib.parse.unquote(place[2] or ""), end))
    if not found:
        raise ValueError(f"{identifier}: no product")
    return found
