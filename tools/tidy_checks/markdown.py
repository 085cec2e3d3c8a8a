"""What documents keep to: titles, links that lead somewhere, short READMEs in every folder."""

import posixpath
import re

from tidy_checks.tree import Finding, matches

FENCE = re.compile(r"^\s*(```|~~~)")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$")
INLINE_CODE = re.compile(r"`[^`]*`")


def prose(file):
    """(line number, line) outside fenced blocks."""
    fenced = False
    for number, line in enumerate(file.lines, 1):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def anchors(file):
    """The names by which headings are linked, as GitHub makes them."""
    found = set()
    for _, line in prose(file):
        match = HEADING.match(line)
        if match:
            text = re.sub(r"[^\w\- ]", "", match.group(1).lower())
            found.add(text.replace(" ", "-"))
    return found


def link_findings(file, tree):
    folders = {posixpath.dirname(path) for path in tree.by_path}
    folders |= {posixpath.dirname(folder) for folder in folders}
    for number, line in prose(file):
        for target in LINK.findall(INLINE_CODE.sub("", line)):
            if re.match(r"^[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, anchor = target.partition("#")
            base = "" if path.startswith("/") else posixpath.dirname(file.path)
            resolved = posixpath.normpath(posixpath.join(base, path.lstrip("/"))) if path \
                else file.path
            if resolved not in tree.by_path and resolved not in folders:
                yield file.finding(number, "link", f"{target} is not in the repository")
            elif anchor and resolved.endswith(".md") \
                    and anchor not in anchors(tree.by_path[resolved]):
                yield file.finding(number, "link", f"{target}: no such heading")


def readme_findings(tree, rules):
    folders = [f"src/{folder}" for folder in tree.source_folders()]
    folders += [folder for folder in rules.README_FOLDERS
                if any(file.path.startswith(folder + "/") for file in tree.files)]
    for folder in folders:
        readme = tree.by_path.get(f"{folder}/README.md")
        if readme is None:
            yield Finding(f"{folder}/README.md", 1, "readme",
                          "say what lives here, what it may use, what does not belong here")
        elif len(readme.lines) > rules.README_LINES_MAX:
            yield readme.finding(len(readme.lines), "readme",
                                 f"{len(readme.lines)} lines; at most {rules.README_LINES_MAX}")


def findings(tree, rules):
    found = list(readme_findings(tree, rules))
    for file in tree.files:
        if file.suffix != ".md" or matches(file.path, rules.VERBATIM_FILES):
            continue
        if not file.lines or not file.lines[0].startswith("# "):
            found.append(file.finding(1, "title", "the first line is `# Title`"))
        found += link_findings(file, tree)
    return found
