#!/usr/bin/env python3
"""Counts how words and names are written and stores the counts as `src/detect/rarity.bin`, which `detect::entropy` reads.

    python3 eval/rarity.py FOLDER... > src/detect/rarity.bin

The table in the repository was made from ~/.cargo/registry/src, /usr/lib/python3, /usr/share/doc, /usr/share/perl and the
word lists of Faker's 60 locales. It holds quantised log-probabilities only, no text.

Layout (10 992 bytes):
  10 976  surprise of the third of three symbols, 28 x 28 x 28 of them, two a byte (the low half first), in STEP bits;
          symbols: 0-25 letters without case, 26 a digit, 27 anything else and the ends
      16  surprise of a capital after two symbols of case, 4 x 4 (small, capital, digit, other), one a byte: the
          probability of a capital in 255ths
"""
import collections
import math
import os
import re
import sys
import unicodedata

STEP = 0.8
MOST_A_FOLDER = 150_000_000
WORD = re.compile(r"[^\W_](?:[\w./-]*[^\W_])?")
# Rows of hashes, keys and numbers teach nothing about words.
CHANGES = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)")


def texts(folder):
    budget = MOST_A_FOLDER
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(root, name)
            try:
                size = os.path.getsize(path)
                if os.path.islink(path) or size > 300_000 or name.endswith((".gz", ".lock", ".svg", ".json")):
                    continue
                budget -= size
                if budget < 0:
                    return
                with open(path, encoding="utf-8") as file:
                    yield file.read()
            except (OSError, UnicodeDecodeError):
                continue


def symbol(char):
    if "a" <= char <= "z":
        return ord(char) - ord("a")
    return 26 if "0" <= char <= "9" else 27


def case(char):
    if char.islower():
        return 0
    if char.isupper():
        return 1
    return 2 if char.isdigit() else 3


def words(folders):
    """Each word once, with how often it stands."""
    counts = collections.Counter()
    for folder in folders:
        for text in texts(folder):
            counts.update(WORD.findall(text))
    for word, count in counts.items():
        plain = "".join(c for c in unicodedata.normalize("NFD", word) if ord(c) < 128)
        digits = sum(c.isdigit() for c in plain)
        if 2 <= len(plain) <= 60 and digits * 3 <= len(plain) and len(CHANGES.findall(plain)) <= 3:
            # Names that stand once are many; words that stand often must not drown them.
            yield plain, 1 + math.log2(count)


def main():
    triples = collections.defaultdict(float)
    capitals = collections.defaultdict(lambda: [1.0, 1.0])
    for word, weight in words(sys.argv[1:]):
        row = [27, 27, *map(symbol, word.lower()), 27]
        for a, b, c in zip(row, row[1:], row[2:]):
            triples[a, b, c] += weight
        cases = [3, 3, *map(case, word)]
        for a, b, c in zip(cases, cases[1:], cases[2:]):
            if c < 2:
                capitals[a, b][c] += weight
    pairs, firsts, singles = (collections.defaultdict(float) for _ in range(3))
    for (a, b, c), weight in triples.items():
        pairs[b, c] += weight
        firsts[a, b] += weight
        singles[c] += weight
    total = sum(singles.values())
    ends = collections.defaultdict(float)
    for (b, _), weight in pairs.items():
        ends[b] += weight

    def surprise(a, b, c):
        single = (singles[c] + 1) / (total + 28)
        pair = (pairs[b, c] + 200 * single) / (ends[b] + 200)
        triple = (triples[a, b, c] + 50 * pair) / (firsts[a, b] + 50)
        return min(15, round(-math.log2(triple) / STEP))

    levels = [surprise(a, b, c) for a in range(28) for b in range(28) for c in range(28)]
    packed = bytes(low | high << 4 for low, high in zip(levels[::2], levels[1::2]))
    shares = bytes(
        min(254, max(1, round(255 * capitals[a, b][1] / sum(capitals[a, b])))) for a in range(4) for b in range(4)
    )
    sys.stdout.buffer.write(packed + shares)


main()
