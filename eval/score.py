#!/usr/bin/env python3
"""Scores detectors side by side on texts made from a seed, and false alarms on folders of this machine.

    eval/score.py                         all installed programs, the unseen half
    eval/score.py --half dev --misses     Scrim's misses and alarms on the half that may be looked at
    eval/score.py --folders DIR…          false alarms per MB on folders

A span counts as found when findings cover all of it. A harmless text counts as alarmed when anything is found in it.
"""

from __future__ import annotations

import argparse
import collections
import zlib
from pathlib import Path
from random import Random

from corpus import Sample, chat, disguise, national, people, secrets
from detectors import ALL, Ranges, installed, scrim_findings, timed


def samples(seed: int, half: str) -> list[Sample]:
    """All texts of one half. The halves are split by the text, so that the unseen one stays unseen for every seed."""
    random = Random(seed)
    generators = (secrets.neutral, secrets.home, chat.prompts, people.values, national.numbers, disguise.disguised)
    made = [sample for generate in generators for sample in generate(random)]
    wanted = {"dev": 0, "unseen": 1}
    return [sample for sample in made if half == "both" or zlib.crc32(sample.text.encode()) % 2 == wanted[half]]


def covered(ranges: Ranges, start: int, end: int) -> bool:
    """Whether the ranges together cover `start:end`."""
    at = start
    for begin, stop in sorted(ranges):
        if begin <= at < stop:
            at = stop
    return at >= end


class Score:
    """Counts of one group and one program."""

    def __init__(self) -> None:
        self.spans = self.found = self.twins = self.alarmed = self.right = self.findings = 0

    def add(self, sample: Sample, ranges: Ranges) -> bool:
        """Counts one text; says whether everything was as it should be."""
        if sample.twin:
            self.twins += 1
            self.alarmed += bool(ranges)
            return not ranges
        hits = [covered(ranges, span.start, span.end) for span in sample.spans]
        self.spans += len(hits)
        self.found += sum(hits)
        self.findings += len(ranges)
        self.right += sum(any(a < span.end and span.start < b for span in sample.spans) for a, b in ranges)
        return all(hits)

    def cell(self) -> str:
        """«found % / alarmed % / precision %» as far as there is something to count."""

        def share(part: int, whole: int) -> str:
            return f"{100 * part / whole:.0f}" if whole else "–"

        return f"{share(self.found, self.spans)} / {share(self.alarmed, self.twins)} / {share(self.right, self.findings)}"


def group_of(sample: Sample) -> str:
    """Group shown in the table: disguises are averaged."""
    return "disguises" if sample.group.startswith("disguise") else sample.group


def compare(programs: list[str], texts: list[Sample], misses: bool) -> None:
    """Prints the table."""
    table: dict[str, dict[str, Score]] = collections.defaultdict(dict)
    seconds = {}
    for name in programs:
        results, seconds[name] = timed(name, [sample.text for sample in texts])
        for sample, ranges in zip(texts, results, strict=True):
            groups = {group_of(sample), sample.group} if name == "scrim" and misses else {group_of(sample)}
            right = all([table[group].setdefault(name, Score()).add(sample, ranges) for group in groups])
            if misses and not right:
                print(f"--- {sample.group} {'ALARM' if sample.twin else 'MISS'}: {shown(sample, ranges)}")
    n_bytes = sum(len(sample.text.encode()) for sample in texts)
    print(f"\n{len(texts)} texts, {n_bytes / 1e6:.1f} MB; cells: found % / harmless twins alarmed % / precision %\n")
    print("| | " + " | ".join(programs) + " |\n|---|" + "---|" * len(programs))
    for group in sorted(table):
        print(f"| {group} | " + " | ".join(table[group][name].cell() for name in programs) + " |")
    print("| seconds in all | " + " | ".join(f"{seconds[name]:.1f}" for name in programs) + " |")


def shown(sample: Sample, ranges: Ranges) -> str:
    """A miss or alarm for people."""
    wanted = [(span.kind, sample.text[span.start : span.end]) for span in sample.spans]
    return f"{sample.text!r} wanted {wanted} found {[sample.text[a:b] for a, b in ranges]}"


PIECE = 50_000


def pieces(folders: list[str], limit: int) -> list[str]:
    """Text files below the folders, in an order drawn once, in pieces; at most so many bytes in all."""
    texts, total = [], 0
    files = sorted(path for folder in folders for path in Path(folder).rglob("*") if path.is_file())
    Random(1).shuffle(files)
    for file in files:
        try:
            text = file.read_text()
        except (UnicodeDecodeError, OSError):
            continue
        texts += [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
        total += len(text)
        if total > limit:
            break
    return texts


def alarms(programs: list[str], texts: list[str]) -> None:
    """Prints false alarms and speed on harmless texts."""
    size = sum(len(text.encode()) for text in texts) / 1e6
    print(f"\n{size:.1f} MB of harmless text\n\n| | alarms a MB | MB/s, start included |\n|---|---|---|")
    for name in programs:
        results, took = timed(name, texts)
        print(f"| {name} | {sum(map(len, results)) / size:.1f} | {size / took:.1f} |")
    if "scrim" in programs:
        kinds = collections.Counter(finding["category"] for findings in scrim_findings(texts) for finding in findings)
        print("\nscrim, a MB: " + ", ".join(f"{kind} {count / size:.2f}" for kind, count in kinds.most_common()))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", choices=["dev", "unseen", "both"], default="unseen")
    parser.add_argument("--only", action="append", metavar="PROGRAM", choices=list(ALL))
    parser.add_argument("--group", help="only groups whose name holds this")
    parser.add_argument("--misses", action="store_true", help="print what went wrong; with --half dev only")
    parser.add_argument("--folders", nargs="+", metavar="DIR", help="measure false alarms on these instead")
    parser.add_argument("--limit-mb", type=int, default=20)
    options = parser.parse_args()
    if options.misses and options.half != "dev":
        parser.error("--misses shows texts; the unseen half stays unseen: add --half dev")
    programs = [name for name in options.only or ALL if installed(name)]
    if options.folders:
        alarms(programs, pieces(options.folders, options.limit_mb * 1_000_000))
        return
    texts = [sample for sample in samples(options.seed, options.half) if not options.group or options.group in sample.group]
    compare(programs, texts, options.misses)


if __name__ == "__main__":
    main()
