#!/usr/bin/env python3
"""Makes rules/pii/given-names.txt and family-names.txt from lists that others publish freely.

    eval/.venv/bin/pip install names && eval/.venv/bin/python eval/name_lists.py /usr/share/dict/*

Given and family names come from the locale lists of Faker (MIT) and from the US Census of 1990 (public domain, the
5,000 most frequent family names, in the package `names`). The arguments are word lists, one word a line, as Debian's `wamerican`,
`wfrench` … install them: a name that is also a word in lower case is marked with `?`, and needs a cue to be a finding.
"""

from __future__ import annotations

import collections
import importlib
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import faker.providers.person
import names

RULES = Path(__file__).parent.parent / "rules" / "pii"
CENSUS_FAMILY = 5_000
# Places, makes, products, months, things that are given names too: these need a cue whatever the lists say.
WORDS = set(
    "Paris London Berlin Roma Vienna Milan Sydney Jordan Israel Chad India Asia America Europa Africa Florence Victoria Austin Dallas "
    "Houston Denver Boston Madison Virginia Carolina Georgia Dakota Montana Phoenix Brooklyn Chelsea Memphis Savannah Valencia "
    "Lourdes Santiago Salvador Mercedes Porsche Lexus Tesla Ford Siemens Oracle Java Ruby Perl Ada Pascal Maven Jenkins Travis Angular "
    "Django Flask Jasmine Jade Pandora April May June July August Augusto Januar Mars Venus Jupiter Apollo Cloud Linux Unity Siri Alexa Echo "
    "Claude Gemini Will Mark Art Dick Guy Miles Chase Max Min Sol Sun Sky Rain China Holland Ireland Kenya Malta Cuba "
    "Doc Data Test Standard Roman Norman German An Do Le Vi Ty Ed Al Jo Bo Mo Su Ha Hu Yu Xu Li Ma He She Rose Hope Faith Joy Summer "
    "Autumn Dawn Misty Penny Sandy Brandy Crystal Amber Pearl Olive Iris Ivy Daisy Star Angel Precious Destiny Justice Candy Cherry Ginger "
    "Sunny Melody Harmony Can Umut San Santo Santa Day Night North South East West Page Price Story Case Field Banks Rivers Lake Hill "
    "Wood Stone Street Park Church Rich Pat Sue Gene Ray Jean Dale Glen Van Dean Earl Duke King Prince Major Carrie Bill Grant Dominique".split()
)
# Given names of this rank and above in the US Census are names first, whatever a dictionary says.
CENSUS_FIRST = 700


def words(files: list[str]) -> set[str]:
    """Words that the first list has in lower case, or two of the others."""
    lists = [{word for word in Path(file).read_text(errors="ignore").split() if word == word.lower()} for file in files]
    counted = collections.Counter(word for others in lists[1:] for word in others)
    return lists[0] | {word for word, count in counted.items() if count > 1}


def first_names() -> set[str]:
    """Given names that are frequent in the US Census: in its files the rank is the last column."""
    lists = Path(names.__file__).parent
    lines = [line.split() for sex in ("male", "female") for line in (lists / f"dist.{sex}.first").read_text().splitlines()]
    return {line[0].capitalize() for line in lines if int(line[3]) <= CENSUS_FIRST}


def parts(name: str) -> Iterator[str]:
    """The words of a name that may stand alone on a list."""
    for part in unicodedata.normalize("NFC", name).replace("’", "'").split():
        letters = part.replace("-", "").replace("'", "").replace("\u200c", "")
        capital = part[0].isupper() or part[0].lower() == part[0].upper()
        cased = part[0].lower() != part[0].upper()
        spelled = all(c.isalpha() or unicodedata.category(c) in ("Mn", "Mc") for c in letters)
        if capital and spelled and len(part) >= (3 if cased else 1) and not part.isupper():
            yield part
        elif not cased and spelled and part:
            yield part


def from_locales() -> tuple[set[str], set[str]]:
    """Given and family names of every locale of Faker."""
    given: set[str] = set()
    family: set[str] = set()
    for folder in sorted(Path(faker.providers.person.__file__).parent.iterdir()):
        if not (folder / "__init__.py").exists():
            continue
        provider = importlib.import_module(f"faker.providers.person.{folder.name}").Provider
        for attribute in dir(provider):
            kind = given if attribute.startswith(("first_", "middle_")) else family if attribute.startswith("last_") else None
            values = getattr(provider, attribute)
            if kind is not None and isinstance(values, list | tuple | dict):
                kind.update(part for value in values if isinstance(value, str) for part in parts(value))
    return given, family


def census() -> tuple[set[str], set[str]]:
    """Given names and the most frequent family names of the US Census."""
    lists = Path(names.__file__).parent
    firsts = (lists / "dist.male.first").read_text() + (lists / "dist.female.first").read_text()
    given = {line.split()[0].capitalize() for line in firsts.splitlines()}
    lasts = (lists / "dist.all.last").read_text().splitlines()[:CENSUS_FAMILY]
    return {name for name in given if len(name) > 2}, {line.split()[0].capitalize() for line in lasts}


def write(path: Path, about: str, found: set[str], common: set[str]) -> None:
    """One line a first letter, marked where the name is a word too."""
    lines: dict[str, list[str]] = {}
    for name in sorted(found):
        mark = "?" if name in WORDS or name.lower() in common or name.isascii() and len(name) < 3 else ""
        lines.setdefault(name[0], []).append(name + mark)
    body = "\n".join(" ".join(line) for line in lines.values())
    path.write_text(f"# {about} Made by eval/name_lists.py from Faker's locale lists\n# (MIT, see NOTICE.md) and the US Census of 1990 (public domain). `?`: also a word or a place.\n{body}\n")


def main() -> None:
    """Writes both lists; what the present given-names.txt has stays in it."""
    common = words(sys.argv[1:])
    first = {name.lower() for name in first_names()}
    given, family = (set.union(*pair) for pair in zip(from_locales(), census(), strict=True))
    present = (RULES / "given-names.txt").read_text().splitlines()
    given |= {name.rstrip("?") for line in present if not line.startswith("#") for name in line.split()}
    write(RULES / "given-names.txt", "Given names of some hundred languages and countries.", given, common - first)
    write(RULES / "family-names.txt", "Family names of some hundred languages and countries.", family, common)


if __name__ == "__main__":
    main()
