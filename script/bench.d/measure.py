#!/usr/bin/env python3
"""Runs commands in turn, several rounds, and prints how long each took as JSON.

Usage: measure.py ROUNDS < COMMANDS        each line of COMMANDS: NAME<tab>WORD<tab>WORD...

Taking turns spreads the machine's moods over all commands alike. Prints one object:
{NAME: {"seconds": [wall time a round], "cpu": [processor time a round],
        "peak": largest resident set in bytes, "output": standard output of the last round, "outputs": of all}}.
"""

import json
import os
import sys
import tempfile
import time


def run(words):
    """Runs one command; returns wall seconds, processor seconds, peak bytes and its output."""
    with tempfile.TemporaryFile() as output:
        start = time.monotonic()
        child = os.posix_spawnp(
            words[0],
            words,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), 1)],
        )
        _, status, usage = os.wait4(child, 0)
        seconds = time.monotonic() - start
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            sys.exit(f"measure: {' '.join(words)} ended with {code}")
        output.seek(0)
        # Linux counts ru_maxrss in KiB (getrusage(2)).
        return (
            seconds,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss * 1024,
            output.read().decode("utf-8", "replace"),
        )


def main():
    rounds = int(sys.argv[1])
    commands = [line.rstrip("\n").split("\t") for line in sys.stdin if line.strip()]
    results = {
        name: {"seconds": [], "cpu": [], "peak": 0, "output": "", "outputs": []} for name, *_ in commands
    }
    for _ in range(rounds):
        for name, *words in commands:
            seconds, cpu, peak, output = run(words)
            result = results[name]
            result["seconds"].append(seconds)
            result["cpu"].append(cpu)
            result["peak"] = max(result["peak"], peak)
            result["output"] = output
            result["outputs"].append(output)
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
