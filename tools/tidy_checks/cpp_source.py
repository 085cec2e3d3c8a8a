"""Just enough of C++'s surface to look at code: literals, includes, function bodies."""

import re

_TOKEN = re.compile(
    r"""//[^\n]*(?:\\\n[^\n]*)*      # a comment to the end of the line
      | /\*.*?\*/                    # a comment between marks
      | R"([^()\s\\]{0,16})\(.*?\)\1"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'   # 1'000 is a number""",
    re.DOTALL | re.VERBOSE)
_INCLUDE = re.compile(r'^\s*#\s*include\s+(?:<([^>]+)>|"([^"]+)")')
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_TYPE_HEAD = re.compile(r"^(?:typedef |inline |static |constexpr )*(?:class|struct|union|enum)\b")
_TEMPLATE = re.compile(r"^\s*template\s*<")


def _blank(match):
    text = match.group(0)
    quotes = '""' if text[0] in "\"'R" else ""
    return quotes + "\n" * text.count("\n")


def without_comments_and_literals(text):
    return _TOKEN.sub(_blank, text)


def includes(lines):
    """(line number, header, whether written with angle brackets) of every include."""
    found = []
    for number, line in enumerate(lines, 1):
        match = _INCLUDE.match(line)
        if match:
            found.append((number, match.group(1) or match.group(2), match.group(1) is not None))
    return found


def _without_template(head):
    while _TEMPLATE.match(head):
        depth = 0
        for i, char in enumerate(head):
            depth += (char == "<") - (char == ">")
            if char == ">" and depth == 0:
                head = head[i + 1:]
                break
        else:
            return ""
    return head.strip()


def _kind(head, before):
    """What a brace opens: "scope" (namespace, type), "function" or "other"."""
    if before not in " \t\n":
        return "other"  # Type{...}; a body has a blank before its brace
    head = _without_template(re.sub(r"\b(public|private|protected):(?!:)", " ", head)).strip()
    if re.match(r'^(inline )?namespace\b|^extern ""$', head):
        return "scope"
    if _TYPE_HEAD.match(head) and not re.search(r"\w\(", re.sub(r"alignas\([^)]*\)", "", head)):
        return "scope"
    if head.endswith(("=", "(", ",", "return")) or "(" not in head:
        return "other"
    return "function"


def functions(code):
    """(first line, number of lines) of every body that opens at namespace or type level."""
    code = _DIRECTIVE.sub(lambda match: "\n" * match.group(0).count("\n"), code)
    found = []
    stack = []
    head_start = 0
    line = 1
    for i, char in enumerate(code):
        if char == "\n":
            line += 1
        elif char == "{":
            kind = _kind(code[head_start:i], code[i - 1] if i else "\n")
            outer = all(entry[0] == "scope" for entry in stack)
            stack.append((kind if outer else "other", line))
            if kind != "other":
                head_start = i + 1
        elif char == "}" and stack:
            kind, first = stack.pop()
            if kind == "function":
                found.append((first, line - first + 1))
            if kind != "other":
                head_start = i + 1
        elif char == ";":
            head_start = i + 1
    return found
