"""What the threat model keeps to: the test that it names for a promise is there."""

import re

from tidy_checks.tree import matches

CODE_SPAN = re.compile(r"`([^`]+)`")
TEST_NAME = re.compile(r"^([A-Z]\w+)\.(\w+|\*)$")
FUZZ_TARGET = re.compile(r"^\w+_fuzz$")
CPP_TEST = re.compile(r"\b(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)")
PYTHON_TEST = re.compile(r"^(?:class (\w+)|    def (test_\w+))", re.MULTILINE)


def tests_of(tree):
    """Every test's (suite, name), and (suite, "*")."""
    found = set()
    for file in tree.files:
        text = "\n".join(file.lines)
        if file.suffix == ".cpp":
            found |= set(CPP_TEST.findall(text))
        elif file.suffix == ".py":
            suite = ""
            for class_name, method in PYTHON_TEST.findall(text):
                suite = class_name or suite
                found.add((suite, method or "*"))
    return found | {(suite, "*") for suite, _ in found}


def is_there(word, tree, tests):
    match = TEST_NAME.match(word)
    if match:
        return match.groups() in tests
    if FUZZ_TARGET.match(word):
        return f"tests/fuzz/{word}.cpp" in tree.by_path
    if word.startswith(("src/", "tests/")):
        return any(path == word or path.startswith(word.rstrip("/") + "/")
                   for path in tree.by_path)
    return True


def findings(tree, rules):
    found = []
    tests = None
    for file in tree.files:
        if not matches(file.path, rules.PROMISE_FILES):
            continue
        tests = tests_of(tree) if tests is None else tests
        for number, line in enumerate(file.lines, 1):
            found += [file.finding(number, "promise", f"{word} is not in the repository")
                      for word in CODE_SPAN.findall(line) if not is_there(word, tree, tests)]
    return found
