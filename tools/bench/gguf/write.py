"""
Writes a GGUF of the llama architecture with CPM-Bee's matrix sizes and random content, for llama.cpp to be timed with.
Usage: write.py OUT LAYERS DIM FF HEADS VOCABULARY. Needs the gguf package.
Layers' matrices are Q4_0, the embedding, which is also the output head, Q8_0. Every layer has the same bytes, on pages of its own.
"""

import os
import sys

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, LlamaFileType, TokenType


def random_blocks(rng, rows, columns, bits):
    """Blocks of 32 as Q4_0 and Q8_0 have them: a half scale, then the integers. Values get a deviation of 1 / sqrt(columns)."""
    integers = 32 * bits // 8
    blocks = np.empty((rows, columns // 32, 2 + integers), dtype=np.uint8)
    deviation = np.sqrt((4**bits - 1) / 12)
    blocks[..., :2] = np.array([1 / np.sqrt(columns) / deviation], dtype=np.float16).view(np.uint8)
    pool = rng.integers(0, 256, size=1 << 22, dtype=np.uint8)
    blocks[..., 2:] = np.resize(pool, blocks[..., 2:].shape)
    return blocks.reshape(rows, -1)


def vocabulary(size):
    tokens = [b"<unk>", b"<s>", b"</s>"] + [b"<0x%02X>" % i for i in range(256)]
    types = [TokenType.UNKNOWN, TokenType.CONTROL, TokenType.CONTROL] + [TokenType.BYTE] * 256
    for i in range(len(tokens), size):
        tokens.append(b"t%d" % i)
        types.append(TokenType.NORMAL)
    return tokens, types


def main(out, layers, dim, ff, heads, vocab):
    writer = GGUFWriter(out, "llama")
    writer.add_block_count(layers)
    writer.add_context_length(4096)
    writer.add_embedding_length(dim)
    writer.add_feed_forward_length(ff)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(dim // heads)
    writer.add_vocab_size(vocab)
    writer.add_file_type(LlamaFileType.MOSTLY_Q4_0)
    tokens, types = vocabulary(vocab)
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(i) for i in range(vocab)])
    writer.add_token_types(types)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)

    rng = np.random.default_rng(1)
    q4 = {shape: random_blocks(rng, *shape, 4) for shape in [(dim, dim), (ff, dim), (dim, ff)]}
    ones = np.ones(dim, dtype=np.float32)
    tensors = [("token_embd.weight", (vocab, dim), GGMLQuantizationType.Q8_0), ("output_norm.weight", None, None)]
    for i in range(layers):
        tensors.append((f"blk.{i}.attn_norm.weight", None, None))
        for name in ["attn_q", "attn_k", "attn_v", "attn_output"]:
            tensors.append((f"blk.{i}.{name}.weight", (dim, dim), GGMLQuantizationType.Q4_0))
        tensors.append((f"blk.{i}.ffn_norm.weight", None, None))
        for name in ["ffn_gate", "ffn_up"]:
            tensors.append((f"blk.{i}.{name}.weight", (ff, dim), GGMLQuantizationType.Q4_0))
        tensors.append((f"blk.{i}.ffn_down.weight", (dim, ff), GGMLQuantizationType.Q4_0))

    def data(shape, kind):
        if shape is None:
            return ones
        return random_blocks(rng, *shape, 8) if kind == GGMLQuantizationType.Q8_0 else q4[shape]

    bytes_of = {GGMLQuantizationType.Q4_0: 18 / 32, GGMLQuantizationType.Q8_0: 34 / 32}
    for name, shape, kind in tensors:
        if shape is None:
            writer.add_tensor_info(name, ones.shape, ones.dtype, ones.nbytes)
        else:
            rows, columns = shape
            stored = (rows, int(columns * bytes_of[kind]))
            writer.add_tensor_info(name, stored, np.dtype(np.uint8), stored[0] * stored[1], raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, shape, kind in tensors:
        writer.write_tensor_data(data(shape, kind))
    writer.close()
    # On the disk now, so that nothing is written any more while something is timed.
    with open(out, "rb") as written:
        os.fsync(written.fileno())


if __name__ == "__main__":
    main(sys.argv[1], *(int(value) for value in sys.argv[2:]))
