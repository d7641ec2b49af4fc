"""Reads safetensors files without the safetensors package: an 8-byte length, a JSON header, raw little-endian data."""

import json

import torch

_DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64, "I32": torch.int32}


def read_safetensors(path):
    """key -> float32 tensor, read into memory of its own (what a torch user has after load_state_dict)."""
    tensors = {}
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        header.pop("__metadata__", None)
        for key, entry in header.items():
            begin, end = entry["data_offsets"]
            data = bytearray(end - begin)
            file.seek(8 + size + begin)
            file.readinto(data)
            tensors[key] = torch.frombuffer(data, dtype=_DTYPES[entry["dtype"]]).reshape(entry["shape"]).float()
    return tensors
