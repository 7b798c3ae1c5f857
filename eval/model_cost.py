"""What the model of [detect.model] costs: milliseconds of a text with it and without, and the memory of the process.

    cargo build --features model
    python3 eval/model_cost.py target/debug/scrim /opt/scrim/rampart

Every text is new to the model unless said otherwise; one word is one token of Rampart's vocabulary. `rten` is optimised
in development builds too, so that these figures are those of a release but for the rules.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time

WORDS = (
    "the meeting about our plans went well and people agreed that more work on it should begin soon because many others "
    "in town want to hear what comes next while costs rise and time is short for all of us"
).split()
ROUNDS = 12


def run(scrim, config, deep, texts):
    """Milliseconds of each text, and the resident memory at the end in MB."""
    command = [scrim, "--config", config, "scan", "--no-index", "--batch"] + (["--model"] if deep else [])
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    took = []
    for number, text in enumerate(texts):
        began = time.perf_counter()
        process.stdin.write(json.dumps({"id": number, "text": text}) + "\n")
        process.stdin.flush()
        process.stdout.readline()
        took.append(1000 * (time.perf_counter() - began))
    status = open(f"/proc/{process.pid}/status").read().splitlines()
    memory = next(int(line.split()[1]) for line in status if line.startswith("RssAnon"))
    process.stdin.close()
    process.wait()
    return took[2:], memory / 1024


def main():
    scrim, model = sys.argv[1], os.path.abspath(sys.argv[2])
    rng = random.Random(5)
    print(f"load of the machine: {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores; median (best) of {ROUNDS - 2}")
    for threads in (1, 2):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as config:
            config.write(f'[detect.model]\npath = "{model}"\nthreads = {threads}\n')
            config.flush()
            for tokens in (30, 128, 512):
                texts = [" ".join(rng.choice(WORDS) for _ in range(tokens)) for _ in range(ROUNDS)]
                rules, least = run(scrim, config.name, False, texts)
                deep, most = run(scrim, config.name, True, texts)
                again, _ = run(scrim, config.name, True, texts[:1] * ROUNDS)
                shown = [f"{statistics.median(each):.1f} ({min(each):.1f}) ms" for each in (rules, deep, again)]
                print(
                    f"threads {threads}, {tokens:3} tokens: rules {shown[0]}, with the model {shown[1]}, "
                    f"seen before {shown[2]}; memory {least:.0f} → {most:.0f} MB"
                )


if __name__ == "__main__":
    main()
