"""The tree runs anywhere: it names no machine's folders and no package registry."""

import re
from pathlib import Path

# Written in pieces, so that this file does not find itself.
MACHINE_PLACES = re.compile(
    "|".join(
        [
            r"(?<![\w.~/-])/" + r"(?:work|workspace|root|Users)/\w",
            r"(?<![\w.~/-])/" + r"home/[a-z]",
            r"[A-Z]:\\\\?" + r"Users",
            r"/opt/" + r"pypi",
        ]
    )
)
REGISTRIES = re.compile(
    "|".join(
        [
            r"pypi\." + r"org/simple",
            r"files\.python" + r"hosted\.org",
            r"registry\.npm" + r"js\.org",
            r"(?:--|extra-)" + r"index-url",
            r"artifact" + r"ory",
        ]
    )
)


def found(pattern: re.Pattern[str], texts: list[tuple[Path, str]], root: Path) -> list[str]:
    return [
        f"{path.relative_to(root)}:{number}: {line.strip()[:100]}"
        for path, text in texts
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_machine_path_stands_in_the_tree(texts: list[tuple[Path, str]], root: Path) -> None:
    places = found(MACHINE_PLACES, texts, root)
    assert not places, "take the place from a setting or from the project's root:\n" + "\n".join(places)


def test_no_registry_stands_in_the_tree(texts: list[tuple[Path, str]], root: Path) -> None:
    hosts = found(REGISTRIES, texts, root)
    assert not hosts, "where packages come from is the machine's business:\n" + "\n".join(hosts)
