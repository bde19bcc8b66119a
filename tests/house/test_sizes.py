"""Nothing is longer than a reader's patience."""

import ast
from collections.abc import Iterator
from pathlib import Path

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
PAGES = {".js", ".css", ".html"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def length(function: Function) -> int:
    """Lines from the signature to the end, without the docstring."""
    first = function.body[0]
    has_docstring = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and ast.get_docstring(function)
    )
    docstring = (first.end_lineno or 0) - first.lineno + 1 if has_docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def functions(tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def test_no_function_is_longer_than_a_screen(trees: dict[Path, ast.Module], root: Path) -> None:
    too_long = [
        f"{path.relative_to(root)}:{function.lineno}: {function.name} has {length(function)} lines"
        for path, tree in trees.items()
        for function in functions(tree)
        if length(function) > MAX_FUNCTION_LINES
    ]
    assert not too_long, f"split by question; at most {MAX_FUNCTION_LINES} lines:\n" + "\n".join(too_long)


def test_no_file_is_longer_than_500_lines(own_python: list[Path], project_files: list[Path], root: Path) -> None:
    pages = [path for path in project_files if path.suffix in PAGES and "vendor" not in path.parts]
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in own_python + pages}
    too_long = [f"{path.relative_to(root)}: {n} lines" for path, n in lines.items() if n > MAX_FILE_LINES]
    assert not too_long, f"split by question; at most {MAX_FILE_LINES} lines:\n" + "\n".join(too_long)


def test_a_docstring_does_not_count_as_length() -> None:
    source = 'def f():\n    """One.\n\n    Two.\n    """\n    return 1\n'
    (function,) = ast.parse(source).body
    assert isinstance(function, Function)
    assert length(function) == 2
