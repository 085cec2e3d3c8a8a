"""What every text file keeps to: blanks, columns, sizes, marks, names."""

import re

from tidy_checks.tree import matches

COLUMN_SUFFIXES = (".h", ".cpp", ".py", ".cmake", ".sh")
URL = re.compile(r"https?://\S+")


def has_columns(file):
    return file.suffix in COLUMN_SUFFIXES or file.is_cmake or file.text.startswith("#!")


def line_findings(file, rules, mark):
    for number, line in enumerate(file.lines, 1):
        if "\t" in line and file.name != "Makefile":
            yield file.finding(number, "tab", "indent with spaces")
        if line != line.rstrip():
            yield file.finding(number, "trailing blank", "remove it")
        if has_columns(file) and len(line) > rules.COLUMNS_MAX and not URL.search(line):
            yield file.finding(number, "columns",
                               f"{len(line)} columns; at most {rules.COLUMNS_MAX}")
        if mark.search(line):
            yield file.finding(number, "work mark", "do it now, or open an issue")


def name_findings(file, rules):
    banned = {name.lower() for name in rules.BANNED_NAMES}
    for part in re.split(r"[_\-.]", file.stem):
        if part.lower() in banned:
            yield file.finding(1, "file name", f"'{part}' says nothing; name the noun")


def findings(tree, rules):
    found = []
    mark = re.compile(r"\b(" + "|".join(rules.WORK_MARKS) + r")\b")
    for file in tree.files:
        if len(file.bytes) > rules.FILE_BYTES_MAX and not matches(file.path, rules.LARGE_FILES):
            found.append(file.finding(1, "large file", f"{len(file.bytes)} bytes; at most "
                                                       f"{rules.FILE_BYTES_MAX}"))
        if not file.is_text or matches(file.path, rules.VERBATIM_FILES):
            continue
        found += line_findings(file, rules, mark)
        found += name_findings(file, rules)
        if file.text and not file.text.endswith("\n"):
            found.append(file.finding(len(file.lines), "final newline", "end the file with one"))
        if (file.is_cpp or file.suffix == ".py") and len(file.lines) > rules.FILE_LINES_MAX:
            found.append(file.finding(len(file.lines), "file length",
                                      f"{len(file.lines)} lines; split it by noun "
                                      f"(at most {rules.FILE_LINES_MAX})"))
    return found
