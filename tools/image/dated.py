"""Security data whose day is known: from a file, or fetched and kept with the day of fetching.

Data says nothing of its own age, so a file says it in its name: debian-2026-11-23.json.
"""

import datetime
import json
import re
import urllib.error
import urllib.request

DAY = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")
BYTES_MAX = 1 << 30


class CannotDecide(Exception):
    """The data is no ground for a verdict; the text says why. Exit status 2."""


def day_of(path):
    found = DAY.findall(path.name)
    if len(found) != 1:
        raise CannotDecide(f"{path.name}: the name holds no day (as in debian-2026-11-23.json), so "
                           "its age is unknown")
    try:
        return datetime.date.fromisoformat(found[0])
    except ValueError as error:
        raise CannotDecide(f"{path.name}: {found[0]} is no day") from error


def check_age(path, today, days_max):
    age = (today - day_of(path)).days
    if age > days_max:
        raise CannotDecide(f"{path.name} is {age} days old; at most {days_max} are taken")
    if age < -1:  # a day ahead is another time zone
        raise CannotDecide(f"{path.name} is of a day to come; is this machine's clock right?")


def read_json(path):
    try:
        if path.stat().st_size > BYTES_MAX:
            raise CannotDecide(f"{path.name}: larger than {BYTES_MAX} bytes")
        return json.loads(path.read_bytes())
    except OSError as error:
        raise CannotDecide(f"{path.name}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise CannotDecide(f"{path.name}: no JSON: {error}") from error


def fetch(address, folder, today, kind, question=None):
    """The file with what the address gives today; a question is posted as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{kind}-{today.isoformat()}.json"
    data = None if question is None else json.dumps(question).encode()
    try:
        with urllib.request.urlopen(address, data, timeout=120) as answer:
            content = answer.read(BYTES_MAX + 1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise CannotDecide(f"{address}: {error}") from error
    path.write_bytes(content)
    return path
