#!/usr/bin/env python3
"""Prints what script/bench embedding measured as a Markdown table.

Usage: embedding_table.py MEASUREMENTS COSINES_FOLDER THREADS

MEASUREMENTS is what measure.py printed; each command's output is a JSON object of its own time.
"""
import json
import pathlib
import statistics
import sys

TITLES = {
    "automatic": "daybreak, automatic precision",
    "float32": "daybreak, float32",
    "torch": "sentence-transformers on PyTorch",
    "onnx": "ONNX Runtime",
}


def main():
    measurements = json.loads(pathlib.Path(sys.argv[1]).read_text())
    folder = pathlib.Path(sys.argv[2])
    rates, rows = {}, []
    for name, result in measurements.items():
        own = [json.loads(output) for output in result["outputs"]]
        rates[name] = statistics.median(item["lines"] / item["seconds"] for item in own)
        cosine = folder / f"{name}.cosine"
        rows.append(
            (
                name,
                statistics.median(item["cpuSeconds"] for item in own),
                statistics.median(item["loadSeconds"] for item in own),
                result["peak"] / 1e6,
                f"{json.loads(cosine.read_text())['least']:.7f}" if cosine.exists() else "",
            )
        )
    best = max(rates[name] for name in rates if name in ("torch", "onnx"))
    print(f"## Embedding: 2 000 log templates, {sys.argv[3]} threads\n")
    print("| | texts/s | × the faster peer | CPU s | load s | peak MB | least cosine with PyTorch |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, cpu, load, peak, cosine in rows:
        ratio = rates[name] / best
        print(
            f"| {TITLES[name]} | {rates[name]:.0f} | {ratio:.2f} | {cpu:.2f} | {load:.3f} "
            f"| {peak:.0f} | {cosine} |"
        )


if __name__ == "__main__":
    main()
