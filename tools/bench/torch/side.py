"""PyTorch's side of the benchmark: one JSON request per line on stdin, one JSON reply per line on stdout."""

import importlib.metadata
import json
import os
import resource
import sys
import time

started = time.perf_counter()
import torch  # noqa: E402

from beit3 import Vision  # noqa: E402
from cpm_bee import BeamDecoder, CpmBee, expanded, prompt_tokens, step_tokens  # noqa: E402
from weights import read_safetensors  # noqa: E402

imported = time.perf_counter() - started


class Timer:
    """Wall and processor milliseconds of a block."""

    def __enter__(self):
        self.wall, self.cpu = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_):
        self.wall = (time.perf_counter() - self.wall) * 1000
        self.cpu = (time.process_time() - self.cpu) * 1000


def peak_mb():
    """Of this process alone: what the system reports as its maximum starts at that of the process that started it."""
    try:
        with open("/proc/self/status", encoding="utf-8") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def diffusers_version():
    try:
        return importlib.metadata.version("diffusers")
    except importlib.metadata.PackageNotFoundError:
        return None


class Side:
    def info(self, request):
        torch.set_num_threads(request["threads"])
        parallel = torch.__config__.parallel_info()
        blas = "mkl" if torch.backends.mkl.is_available() else "other"
        return {"version": torch.__version__, "blas": blas, "threads": torch.get_num_threads(),
                "openmp": "OpenMP" in parallel, "importMs": imported * 1000,
                **({"diffusers": version} if (version := diffusers_version()) else {})}

    def load(self, request):
        with Timer() as timer:
            with open(os.path.join(request["folder"], "config.json"), encoding="utf-8") as file:
                self.config = json.load(file)
            weights = read_safetensors(os.path.join(request["folder"], "model.safetensors"))
            if "unet" in self.config:
                self.painter = self.make_painter(request["folder"], self.config, weights, request.get("dtype"))
            elif "beit3" in self.config:
                self.vision = Vision(self.config["beit3"], weights)
            else:
                self.model = CpmBee(self.config["cpm_bee"], weights)
        return {"ms": timer.wall}

    def logits(self, request):
        """Prefill, then the given ids one by one; the logits of each step."""
        prompt, ids = request["prompt"], request["ids"]
        _, state = self.model.run(prompt_tokens(prompt, 1))
        steps = []
        for position, token in enumerate(ids):
            out, state = self.model.run(step_tokens(prompt, [token], [0], position), state)
            steps.append(out[0, -1].tolist())
        return {"steps": steps}

    def prefill(self, request):
        tokens = prompt_tokens(request["prompt"], request["rows"])
        with Timer() as timer:
            self.model.run(tokens, logits=request["logits"])
        return {"ms": timer.wall, "cpuMs": timer.cpu}

    def decode(self, request):
        prompt, beams = request["prompt"], request["beams"]
        _, state = self.model.run(prompt_tokens(prompt, 1), logits=False)
        decoder = BeamDecoder(self.model, prompt, expanded(state, beams), beams, request["penalty"], request["temperature"])
        walls, cpus = [], []
        for _ in range(request["steps"]):
            with Timer() as timer:
                decoder.step()
            walls.append(timer.wall)
            cpus.append(timer.cpu)
        return {"ms": walls, "cpuMs": cpus, "words": decoder.words}

    def encode(self, request):
        side = self.config["beit3"]["img_size"]
        pixels = torch.tensor(request["pixels"], dtype=torch.float32).view(1, 3, side, side)
        with Timer() as timer:
            out = self.vision.encode(pixels)
        return {"ms": timer.wall, "cpuMs": timer.cpu, "sample": out.flatten()[:: request["every"]].tolist()}

    def preparePainter(self, _):
        from painter import Painter  # only here: diffusers is needed for painting alone

        self.make_painter = Painter
        return {"peakMb": peak_mb()}

    def predict(self, request):
        out = self.painter.predict(timer := Timer(), request["rows"], request["timestep"], request.get("side"))
        return {"ms": timer.wall, "cpuMs": timer.cpu, "sample": out.flatten()[:: request["every"]].tolist()}

    def decodeLatents(self, request):
        out = self.painter.decode(timer := Timer())
        return {"ms": timer.wall, "cpuMs": timer.cpu, "sample": out.flatten()[:: request["every"]].tolist()}

    def paint(self, request):
        latents, pictures = self.painter.paint(
            timer := Timer(), request["candidates"], request["steps"], request["guidanceScale"], request["scheduler"]
        )
        return {"ms": timer.wall, "cpuMs": timer.cpu, "sample": latents.flatten()[:: request["every"]].tolist(),
                "bytes": [value for one in pictures for value in one.flatten()[:: request["every"]].tolist()]}

    def memory(self, _):
        return {"peakMb": peak_mb()}


def main():
    side = Side()
    with torch.inference_mode():
        for line in sys.stdin:
            request = json.loads(line)
            try:
                reply = getattr(side, request["command"])(request)
            except Exception as error:  # reported to the other end, which decides
                reply = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(reply), flush=True)


main()
