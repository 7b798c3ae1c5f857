"""Ways to write a card, an e-mail address or a key so that a pattern does not see it, and a reader still does."""

from __future__ import annotations

import base64
import html
import urllib.parse
from collections.abc import Callable, Iterator
from random import Random

from faker import Faker

from . import Builder, Sample
from .tokens import BASE32, BASE62, pick

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
LOOKALIKE = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")


def shifted(text: str, zero: int) -> str:
    """Digits in another script, whose zero is at this code point."""
    return "".join(chr(zero + int(c)) if c.isascii() and c.isdigit() else c for c in text)


def fullwidth(text: str) -> str:
    """Full-width forms."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def joined(text: str) -> str:
    """Two string literals."""
    return f'"{text[: len(text) // 2]}" + "{text[len(text) // 2 :]}"'


def between(mark: str, every: int = 1) -> Callable[[str], str]:
    """A mark after each so many characters."""
    return lambda text: mark.join(text[i : i + every] for i in range(0, len(text), every))


WAYS: list[tuple[str, str, Callable[[str], str]]] = [
    # name, kinds it makes sense for (c card, e e-mail, s secret), how
    ("zero-width space", "ces", between("\u200b", 4)),
    ("zero-width joiner", "ces", between("\u200d", 3)),
    ("soft hyphen", "ces", between("\u00ad", 4)),
    ("word joiner", "ces", between("\u2060", 5)),
    ("full-width", "ces", fullwidth),
    ("mathematical digits", "c", lambda text: shifted(text, 0x1D7CE)),
    ("Arabic digits", "c", lambda text: shifted(text, 0x0660)),
    ("Devanagari digits", "c", lambda text: shifted(text, 0x0966)),
    ("look-alike letters", "es", lambda text: text.translate(LOOKALIKE)),
    ("spelled out", "c", lambda text: " ".join(WORDS[int(c)] for c in text if c.isdigit())),
    ("spaced out", "c", lambda text: " ".join(text.replace(" ", ""))),
    ("dots between", "c", between(".", 4)),
    ("at and dot", "e", lambda text: text.replace("@", " at ").replace(".", " dot ")),
    ("[at] and [dot]", "e", lambda text: text.replace("@", " [at] ").replace(".", " [dot] ")),
    ("split over lines", "cs", lambda text: text[: len(text) // 2] + "\n" + text[len(text) // 2 :]),
    ("joined literals", "ces", joined),
    ("\\u escapes", "ces", lambda text: "".join(f"\\u{ord(c):04x}" for c in text)),
    ("\\x escapes", "ces", lambda text: "".join(f"\\x{ord(c):02x}" for c in text)),
    ("decimal entities", "ces", lambda text: "".join(f"&#{ord(c)};" for c in text)),
    ("hexadecimal entities", "ces", lambda text: "".join(f"&#x{ord(c):x};" for c in text)),
    ("percent", "ces", lambda text: "".join(f"%{ord(c):02X}" for c in text)),
    ("percent of signs only", "e", lambda text: urllib.parse.quote(text, safe="")),
    ("base64", "ces", lambda text: base64.b64encode(f"value {text} end".encode()).decode()),
    ("base64url", "ces", lambda text: base64.urlsafe_b64encode(f"value={text}".encode()).decode().rstrip("=")),
    ("hexadecimal", "ces", lambda text: text.encode().hex()),
    ("reversed", "ces", lambda text: text[::-1]),
    ("entity in the middle", "e", lambda text: html.escape(text).replace("@", "&commat;")),
]

SENTENCES = ["Use {v} for the test.", "value: {v}\n", "He sent me {v} yesterday", "x = {v};\n"]


def disguised(random: Random, per_way: int = 12) -> Iterator[Sample]:
    """Every way, for every kind that it makes sense for."""
    fake = Faker("en_US")
    fake.seed_instance(random.randrange(2**31))
    values = {
        "c": lambda: fake.credit_card_number("visa16"),
        "e": lambda: fake.email(safe=False),
        "s": lambda: random.choice(["AKIA" + pick(random, BASE32, 16), "ghp_" + pick(random, BASE62, 36), "sk_live_" + pick(random, BASE62, 24)]),
    }
    for name, kinds, way in WAYS:
        for kind in kinds:
            for _ in range(per_way):
                hidden = way(values[kind]())
                before, after = random.choice(SENTENCES).split("{v}")
                inner = hidden.strip('"')
                quotes = (len(hidden) - len(inner)) // 2 * '"'
                built = Builder().say(before + quotes).hide(inner, f"{name}/{kind}").say(quotes + after)
                yield built.sample(f"disguise, {name}")
