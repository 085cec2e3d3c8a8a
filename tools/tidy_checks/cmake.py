"""What the build lists: every source, and the folders that a folder really uses."""

import re

from tidy_checks import cpp_source
from tidy_checks.folders import folder_of
from tidy_checks.tree import matches

CALL = re.compile(r"\b(bulkhead_library|target_link_libraries)\s*\(([^)]*)\)")
SECTIONS = {"SOURCES", "DEPS", "PRIVATE_DEPS", "TESTS", "TEST_DEPS", "PUBLIC", "PRIVATE",
            "INTERFACE"}


def without_comments(text):
    return re.sub(r"#[^\n]*", "", text)


def calls(file):
    """(line, function, first argument, {section: arguments}) of the calls we look at."""
    code = without_comments(file.text)
    for match in CALL.finditer(code):
        words = match.group(2).replace('"', " ").split()
        sections, current = {}, ""
        for word in words[1:]:
            if word in SECTIONS:
                current = word
            else:
                sections.setdefault(current, []).append(word)
        line = code.count("\n", 0, match.start()) + 1
        yield line, match.group(1), words[0] if words else "", sections


def used_folders(tree, folder, tests):
    """{folder: "path:line" of one include} for the library's files, or for the tests beside.

    A program's main belongs to no library: what it may link stands in PROGRAM_LINKS."""
    used = {}
    for file in tree.cpp_files("src"):
        if folder_of(file) != folder or tree.is_test(file) != tests:
            continue
        if file.name.endswith("_main.cpp"):
            continue
        for number, header, angled in cpp_source.includes(file.lines):
            target = header.split("/")[0]
            if not angled and target != folder and f"src/{header}" in tree.by_path:
                used.setdefault(target, f"{file.path}:{number}")
    return used


def library_findings(tree, file, line, name, sections, rules):
    deps = set(sections.get("DEPS", []))
    test_deps = {dep.removeprefix("bulkhead::") for dep in sections.get("TEST_DEPS", [])}
    edges = rules.FOLDER_EDGES.get(name, [])
    for dep in sorted(deps):
        if edges is not rules.ANYTHING and dep not in edges:
            yield file.finding(line, "DEPS", f"{name} may not use {dep}")
    used = used_folders(tree, name, tests=False)
    for dep in sorted(deps - used.keys()):
        yield file.finding(line, "DEPS", f"{name} does not include {dep}; remove it")
    for dep in sorted(used.keys() - deps):
        yield file.finding(line, "DEPS", f"add {dep}, included at {used[dep]}")
    in_tests = used_folders(tree, name, tests=True)
    for dep in sorted(in_tests.keys() - deps - test_deps):
        yield file.finding(line, "TEST_DEPS", f"add bulkhead::{dep}, included at {in_tests[dep]}")


def program_findings(file, line, name, sections, rules):
    allowed = rules.PROGRAM_LINKS.get(name.replace("_", "-"))
    if allowed is None:
        return
    for word in (word for words in sections.values() for word in words):
        if word.startswith("bulkhead::") and word.removeprefix("bulkhead::") not in allowed:
            yield file.finding(line, "program", f"{name} may not link {word}")


def listed_findings(tree, rules):
    """Every .cpp is named in a CMakeLists.txt beside or above it."""
    words_of = {file.path.removesuffix("CMakeLists.txt"):
                set(re.split(r"[\s()\"/]+", without_comments(file.text)))
                for file in tree.files if file.name == "CMakeLists.txt"}
    for file in tree.cpp_files("src", "tests", "bench"):
        if file.suffix != ".cpp" or matches(file.path, rules.VERBATIM_FILES):
            continue
        names = {file.name, file.stem, re.sub(r"_(fuzz|bench)$", "", file.stem)}
        near = (words for folder, words in words_of.items() if file.path.startswith(folder))
        if not any(names & words for words in near):
            yield file.finding(1, "unlisted file", "name it in a CMakeLists.txt, or delete it")


def findings(tree, rules):
    found = list(listed_findings(tree, rules))
    for file in tree.files:
        if file.name != "CMakeLists.txt":
            continue
        for line, function, name, sections in calls(file):
            if function == "bulkhead_library" and file.path == f"src/{name}/CMakeLists.txt":
                found += library_findings(tree, file, line, name, sections, rules)
            if function == "target_link_libraries":
                found += program_findings(file, line, name, sections, rules)
    return found
