"""Seeded test texts with the places of what is to be found in them. Knows no detector.

Every generator takes a `random.Random` and yields `Sample`s; the same seed gives the same texts. Values are made up by
these templates and by Faker; nothing is taken from real people, real keys or another project's test data.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Span:
    """Characters `start:end` of a text that must be found, whole."""

    start: int
    end: int
    kind: str


@dataclass
class Sample:
    """One text. `twin` marks a harmless one in which any finding is a false alarm."""

    group: str
    text: str
    spans: list[Span] = field(default_factory=list)
    twin: bool = False


class Builder:
    """Puts a text together and remembers where the values went."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.spans: list[Span] = []

    def say(self, text: str) -> Builder:
        """Adds words that are nothing to find."""
        self.parts.append(text)
        self.length += len(text)
        return self

    def hide(self, value: str, kind: str) -> Builder:
        """Adds a value that must be found."""
        self.spans.append(Span(self.length, self.length + len(value), kind))
        return self.say(value)

    def fill(self, template: str, value: str, kind: str) -> Builder:
        """Adds a template in which `{v}` stands for the value."""
        before, after = template.split("{v}", 1)
        self.say(before).hide(value, kind)
        return self.say(after)

    def sample(self, group: str, twin: bool = False) -> Sample:
        """The text so far."""
        return Sample(group, "".join(self.parts), self.spans, twin)
