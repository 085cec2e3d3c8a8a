"""What Python files keep to beyond the rules for every text."""

import ast

from tidy_checks.tree import matches


def findings(tree, rules):
    found = []
    for file in tree.files:
        if file.suffix != ".py" or matches(file.path, rules.VERBATIM_FILES):
            continue
        try:
            module = ast.parse(file.text)
        except SyntaxError as error:
            found.append(file.finding(error.lineno or 1, "python", f"does not parse: {error.msg}"))
            continue
        for node in ast.walk(module):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = node.end_lineno - node.lineno + 1
                if length > rules.FUNCTION_LINES_MAX:
                    found.append(file.finding(
                        node.lineno, "function length",
                        f"{length} lines; at most {rules.FUNCTION_LINES_MAX}"))
            if isinstance(node, ast.ClassDef) and node.name in rules.BANNED_NAMES:
                found.append(file.finding(node.lineno, "type name", f"'{node.name}' says nothing"))
    return found
