"""
The matrix products of some layers of CPM-Bee 10B and of its output head in PyTorch, without anything between them.
Usage: full_matmuls.py THREADS LAYERS DIM FF VOCABULARY; prints one JSON line: milliseconds of one layer and of the head.
"""

import json
import sys
import time

import torch


def median_ms(work, repeats):
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    times = sorted(times[1:])
    return times[len(times) // 2]


def measure(dtype, layers, dim, ff, vocab):
    def matrix(out, columns):
        return torch.empty(out, columns, dtype=dtype).uniform_(-0.02, 0.02)

    def layer(weights, x):
        for qkv in weights[:3]:
            y = torch.nn.functional.linear(x, qkv)
        x = torch.nn.functional.linear(y, weights[3])
        gate = torch.nn.functional.linear(x, weights[4])
        torch.nn.functional.linear(x, weights[5])
        return torch.nn.functional.linear(gate, weights[6])

    shapes = [(dim, dim)] * 4 + [(ff, dim)] * 2 + [(dim, ff)]
    weights = [[matrix(*shape) for shape in shapes] for _ in range(layers)]
    head = matrix(vocab, dim)
    found = {}
    for name, rows, repeats in [("decode", 1, 7), ("prefill128", 128, 2)]:
        x = torch.ones(rows, dim, dtype=dtype)

        def all_layers():
            y = x
            for one in weights:
                y = layer(one, y)

        found[name] = median_ms(all_layers, repeats) / layers
    found["head"] = median_ms(lambda: torch.nn.functional.linear(x[:1], head), 5)
    return found


if __name__ == "__main__":
    threads, layers, dim, ff, vocab = (int(value) for value in sys.argv[1:])
    torch.set_num_threads(threads)
    with torch.inference_mode():
        result = {
            "version": torch.__version__,
            "bf16": measure(torch.bfloat16, layers, dim, ff, vocab),
            "fp32": measure(torch.float32, layers, dim, ff, vocab),
        }
    print(json.dumps(result))
