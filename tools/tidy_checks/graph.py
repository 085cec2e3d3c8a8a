"""The library graph of the architecture page is the one that the build has."""

import re

from tidy_checks import cmake

EDGE = re.compile(r"^\s*([a-z_]+) --> ([a-z_]+)\s*$")


def built_edges(tree):
    """{(folder, folder)}; base is left out where it is not the only one."""
    edges = set()
    for file in tree.files:
        if not re.fullmatch(r"src/[a-z]+/CMakeLists\.txt", file.path):
            continue
        for _, function, name, sections in cmake.calls(file):
            if function == "bulkhead_library":
                deps = set(sections.get("DEPS", []))
                edges |= {(name, dep) for dep in (deps - {"base"} or deps)}
    return edges


def findings(tree, rules):
    page = tree.by_path.get(rules.GRAPH_PAGE)
    if page is None:
        return []
    drawn = {match.groups(): number for number, line in enumerate(page.lines, 1)
             if (match := EDGE.match(line))}
    built = built_edges(tree)
    first = min(drawn.values(), default=1)
    found = [page.finding(drawn[edge], "graph", f"{edge[0]} does not use {edge[1]}; remove it")
             for edge in sorted(drawn.keys() - built)]
    found += [page.finding(first, "graph", f"draw {edge[0]} --> {edge[1]}")
              for edge in sorted(built - drawn.keys())]
    return found
