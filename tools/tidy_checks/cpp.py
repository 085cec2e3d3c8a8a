"""What C++ files keep to: first line, function length, names of types, banned code."""

import re

from tidy_checks import cpp_source
from tidy_checks.tree import matches

SPDX = "// SPDX-License-Identifier: Apache-2.0"
TYPE_NAME = re.compile(r"\b(?:class|struct|union|enum(?: class| struct)?|concept)\s+"
                       r"(?:\[\[[^\]]*\]\]\s*)?([A-Z]\w*)|\busing\s+([A-Z]\w*)\s*=")
CAMEL_WORD = re.compile(r"[A-Z][a-z0-9]*")
NOLINT = re.compile(r"NOLINT(?!END)\w*(?!\w)(?P<reason>\([\w\-.,* ]+\): \S)?")


def head_findings(file):
    if not file.lines or file.lines[0] != SPDX:
        yield file.finding(1, "licence", f"the first line is `{SPDX}`")
    if file.suffix == ".h" and "#pragma once" not in file.lines:
        yield file.finding(1, "pragma once", "a header has `#pragma once`")


def type_findings(file, banned):
    for number, line in enumerate(file.code.split("\n"), 1):
        for match in TYPE_NAME.finditer(line):
            name = match.group(1) or match.group(2)
            for word in CAMEL_WORD.findall(name):
                if word in banned:
                    yield file.finding(number, "type name",
                                       f"'{word}' in {name} says nothing; name the noun")


def code_findings(file, banned_code):
    lines = file.code.split("\n")
    for pattern, advice, allowed in banned_code:
        if matches(file.path, allowed):
            continue
        for number, line in enumerate(lines, 1):
            match = pattern.search(line)
            if match:
                yield file.finding(number, "banned code",
                                   f"'{match.group(0).strip()}': {advice}")


def nolint_findings(file):
    for number, line in enumerate(file.lines, 1):
        match = NOLINT.search(line)
        if match and not match.group("reason"):
            yield file.finding(number, "nolint", "name the check and say why: "
                                                 "`NOLINT(check): reason`")


def findings(tree, rules):
    banned_code = [(re.compile(pattern), advice, allowed)
                   for pattern, advice, allowed in rules.BANNED_CODE]
    found = []
    for file in tree.cpp_files():
        if matches(file.path, rules.VERBATIM_FILES):
            continue
        found += head_findings(file)
        found += type_findings(file, set(rules.BANNED_NAMES))
        found += code_findings(file, banned_code)
        found += nolint_findings(file)
        for first, length in cpp_source.functions(file.code):
            if length > rules.FUNCTION_LINES_MAX:
                found.append(file.finding(first, "function length",
                                          f"{length} lines; at most {rules.FUNCTION_LINES_MAX}"))
    return found
