"""Who includes whom: folders, outside headers, adapters, pure folders."""

import re

from tidy_checks import cpp_source
from tidy_checks.tree import matches

STANDARD_HEADER = re.compile(r"^[a-z_0-9]+$")
C_HEADERS = {"assert", "ctype", "errno", "float", "limits", "locale", "math", "setjmp", "stdarg",
             "stddef", "stdint", "stdio", "stdlib", "string", "time", "wchar", "inttypes"}


def folder_of(file):
    """The folder of src/ that a file lives in, else None."""
    parts = file.path.split("/")
    return parts[1] if parts[0] == "src" and len(parts) > 2 else None


def own_folder_findings(file, number, header, tree, rules):
    """An include of one of our own headers, from a file of src/."""
    folder, target = folder_of(file), header.split("/")[0]
    if tree.is_test(file) and f"tests/{header}" in tree.by_path:
        return
    if f"src/{header}" not in tree.by_path:
        yield file.finding(number, "include", f'"{header}" is no file of src/; outside headers '
                                              "go in angle brackets, ours from src/ on")
        return
    if folder not in rules.FOLDER_EDGES:
        return  # reported once, by the folder
    edges = rules.FOLDER_EDGES[folder]
    if target != folder and edges is not rules.ANYTHING and target not in edges:
        yield file.finding(number, "folder edge",
                           f"{folder} may not use {target} ({', '.join(edges) or 'nothing'} only)")


def adapter_findings(file, number, header, tree, rules):
    if not matches(header, rules.ADAPTER_HEADERS) or header in rules.PORT_HEADERS:
        return
    own = header.rsplit(".", 1)[0] == file.path.removeprefix("src/").rsplit(".", 1)[0]
    if not own and not tree.is_test(file) and file.path not in rules.COMPOSERS:
        yield file.finding(number, "adapter",
                           f"only {', '.join(rules.COMPOSERS)} and tests include {header}")


def outside_findings(file, number, header, tree, rules):
    if STANDARD_HEADER.match(header):
        return
    stem = header.removesuffix(".h")
    if stem in C_HEADERS:
        yield file.finding(number, "outside header", f"<{header}>: write <c{stem}>")
        return
    entries = [allowed for pattern, allowed in rules.OUTSIDE_HEADERS if matches(header, [pattern])]
    if not entries:
        yield file.finding(number, "outside header",
                           f"<{header}> is not in the table; add it to tools/tidy.py "
                           "with the adapter that may include it")
    elif not tree.is_test(file) and not any(matches(file.path, allowed) for allowed in entries):
        allowed = sorted({pattern for patterns in entries for pattern in patterns})
        yield file.finding(number, "outside header",
                           f"<{header}> belongs in {', '.join(allowed) or 'tests'}")


def namespace_findings(file, folder):
    wanted = re.compile(rf"^namespace bulkhead::{folder}\b", re.MULTILINE)
    if not wanted.search(file.code):
        yield file.finding(1, "namespace", f"code of src/{folder} is in bulkhead::{folder}")


def findings(tree, rules):
    found = []
    for folder in tree.source_folders():
        if folder not in rules.FOLDER_EDGES:
            first = next(f for f in tree.cpp_files("src") if folder_of(f) == folder)
            found.append(first.finding(1, "folder", f"add {folder} to the table in tools/tidy.py"))
    for file in tree.cpp_files("src", "tests", "bench"):
        if matches(file.path, rules.VERBATIM_FILES):
            continue
        folder = folder_of(file)
        if folder:
            found += namespace_findings(file, folder)
        pure = matches(file.path, rules.PURE_FILES) and not tree.is_test(file)
        for number, header, angled in cpp_source.includes(file.lines):
            if not angled:
                if folder:
                    found += own_folder_findings(file, number, header, tree, rules)
                found += adapter_findings(file, number, header, tree, rules)
                continue
            found += outside_findings(file, number, header, tree, rules)
            if pure and matches(header, rules.IMPURE_HEADERS):
                found.append(file.finding(number, "pure folder",
                                          f"src/{folder} is pure; <{header}> is not for it"))
    return found
