"""OpenVINO's side of the benchmark: the very graph that ours runs, read from its ONNX file."""

import json
import os
import sys
import time

import numpy
import openvino
import openvino.properties as properties
import openvino.properties.hint as hint

started = time.perf_counter()


def read_safetensors(path):
    """float32 tensors by name."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        data = file.read()
    return {
        key: numpy.frombuffer(data[slice(*entry["data_offsets"])], numpy.float32).reshape(entry["shape"])
        for key, entry in header.items()
        if key != "__metadata__"
    }


def peak_mb():
    with open("/proc/self/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))


class Side:
    def info(self, request):
        self.threads = request["threads"]
        return {"version": openvino.__version__, "importMs": (time.perf_counter() - started) * 1000}

    def preparePainter(self, _):
        return {"peakMb": peak_mb()}

    def load(self, request):
        begin = time.perf_counter()
        core = openvino.Core()
        model = core.read_model(os.path.join(request["folder"], "unet.onnx"))
        self.model = core.compile_model(
            model,
            "CPU",
            {
                properties.inference_num_threads: self.threads,
                hint.performance_mode: hint.PerformanceMode.LATENCY,
                # What is not int8; float32 unless asked for.
                hint.inference_precision: openvino.Type.bf16 if request.get("dtype") == "bfloat16" else openvino.Type.f32,
            },
        )
        self.inputs = read_safetensors(os.path.join(request["folder"], "inputs.safetensors"))
        return {"ms": (time.perf_counter() - begin) * 1000}

    def predict(self, request):
        count, side = request["rows"] // 2, request.get("side")
        latents = self.inputs["latents"][:count, :, :side, :side]
        contexts = [numpy.repeat(self.inputs[name], count, axis=0) for name in ("negative", "context")]
        feeds = {
            # As ours is fed: both contexts share the first half of what does not depend on them.
            "sample": numpy.ascontiguousarray(latents),
            "timestep": numpy.full(count, request["timestep"], numpy.float32),
            "encoder_hidden_states": numpy.concatenate(contexts),
        }
        wall, cpu = time.perf_counter(), time.process_time()
        out = self.model(feeds)["out_sample"]
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        return {"ms": wall * 1000, "cpuMs": cpu * 1000, "sample": out.flatten()[:: request["every"]].tolist()}

    def memory(self, _):
        return {"peakMb": peak_mb()}


def main():
    side = Side()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = getattr(side, request["command"])(request)
        except Exception as error:  # reported to the other end, which decides
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
