"""Greedy answers from a VisCpm, batched, with the KV cache, as upstream's inference() works:
the answer starts with <s> at position 0 of segment 8; every cached token is visible."""
import torch

from packing import chat_relation
from viscpm import collate


@torch.no_grad()
def greedy(model, packer, vision, turns, limit=64):
    """vision (N, Q, d) mapped; turns [(context, question)] -> list of token id lists (no </s>)."""
    llm, tok = model.llm, packer.tok
    rows = [packer(c, q) for c, q in turns]
    batch = collate(rows)
    n, L = batch["ids"].shape
    x = llm.embed(batch["ids"], batch["subs"])
    at, Q = packer.image_at, vision.shape[1]
    x = torch.cat([x[:, :at], vision.to(x.dtype), x[:, at + Q:]], 1)
    pos = torch.arange(L).expand(n, L)
    valid = pos < batch["length"][:, None]
    seg = batch["segments"]
    rel = chat_relation()
    bias = llm.bias(pos, pos, rel[seg[:, :, None], seg[:, None, :]], valid[:, None, :].expand(n, L, L))
    pasts = [[] for _ in llm.encoder.layers]
    llm.run(x, bias, pasts)
    ids = torch.full((n, 1), tok.bos)
    out, alive = [[] for _ in range(n)], [True] * n
    for step in range(limit):
        k_seg = torch.cat([seg, torch.full((n, step + 1), 8)], 1)
        k_pos = torch.cat([pos, torch.arange(step + 1).expand(n, -1)], 1)
        k_ok = torch.cat([valid, torch.ones(n, step + 1, dtype=torch.bool)], 1)
        q_pos = torch.full((n, 1), step)
        bias = llm.bias(q_pos, k_pos, rel[8][k_seg][:, None], k_ok[:, None])
        h = llm.run(llm.embed(ids, torch.zeros_like(ids)), bias, pasts)
        logits = llm.logits(h[:, -1]).float()
        logits[:, tok.unk] = -1e4
        ids = logits.argmax(-1, keepdim=True)
        for i, t in enumerate(ids[:, 0].tolist()):
            if alive[i] and t == tok.eos:
                alive[i] = False
            elif alive[i]:
                out[i].append(t)
        if not any(alive):
            break
    return out


@torch.no_grad()
def look(model, pixels):
    """(B, 3, S, S) -> mapped picture vectors (B, Q, d), fp32."""
    return model.mapping(model.see(pixels)[0])
