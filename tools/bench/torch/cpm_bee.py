"""
CPM-Bee in plain PyTorch, for timing: written from the definitions of its operators, organised as the original runs it.
Every hypothesis is a row of a batch with its own cache, which grows by torch.cat and is reordered by index_select.
"""

import math

import torch
import torch.nn.functional as F


def scaled_linear(x, weight):
    """x @ weight^T / sqrt(inFeatures)."""
    return F.linear(x, weight) / math.sqrt(weight.shape[1])


def rms_norm(x, weight, eps):
    variance = x.pow(2).mean(dim=-1, keepdim=True)
    return x * torch.rsqrt(variance + eps) * weight


def position_bucket(relative, num_buckets, max_distance):
    """T5's buckets, both directions. relative: key - query."""
    half = num_buckets // 2
    side = (relative > 0).to(torch.int64) * half
    distance = relative.abs()
    exact = half // 2
    large = exact + (torch.log(distance.float() / exact) / math.log(max_distance / exact) * (half - exact)).long()
    return side + torch.where(distance < exact, distance, torch.clamp(large, max=half - 1))


class CpmBee:
    def __init__(self, config, weights):
        self.config = config
        self.weights = weights
        self.dim = config["dim_model"]
        self.heads = config["num_heads"]
        self.dim_head = config["dim_head"]
        self.eps = config.get("eps", 1e-6)
        self.frequencies = 1 / 10000 ** (torch.arange(0, self.dim, 2, dtype=torch.float32) / self.dim)

    def embed(self, ids, subs):
        x = F.embedding(ids, self.weights["input_embedding.weight"]) / math.sqrt(self.dim)
        angles = (subs.float() * 16)[..., None] * self.frequencies
        cos, sin = torch.cos(angles), torch.sin(angles)
        left, right = x.chunk(2, dim=-1)
        return torch.cat([left * cos - right * sin, right * cos + left * sin], dim=-1)

    def project(self, x, ext):
        base = F.linear(x / math.sqrt(self.dim), self.weights["input_embedding.weight"])
        return torch.cat([base, F.linear(x, ext)], dim=-1)

    def attention(self, prefix, x, mask, bias, past):
        w = self.weights
        batch, length = x.shape[:2]
        heads = lambda y: y.view(batch, length, self.heads, self.dim_head).permute(0, 2, 1, 3)
        q = heads(scaled_linear(x, w[prefix + "project_q.weight"]))
        k = heads(scaled_linear(x, w[prefix + "project_k.weight"]))
        v = heads(scaled_linear(x, w[prefix + "project_v.weight"]))
        if past is not None:
            k = torch.cat([past[0], k], dim=-2)
            v = torch.cat([past[1], v], dim=-2)
        scores = q @ k.transpose(-1, -2) / math.sqrt(self.dim_head) + bias
        scores = torch.masked_fill(scores, ~mask[:, None], float("-inf"))
        scores = torch.masked_fill(torch.softmax(scores, dim=-1), ~mask[:, None], 0)
        merged = (scores @ v).permute(0, 2, 1, 3).reshape(batch, length, self.heads * self.dim_head)
        return scaled_linear(merged, w[prefix + "attention_out.weight"]), (k, v)

    def feed_forward(self, prefix, x):
        w = self.weights
        gate = F.gelu(scaled_linear(x, w[prefix + "w_in.w_0.weight"]))
        return scaled_linear(gate * scaled_linear(x, w[prefix + "w_in.w_1.weight"]), w[prefix + "w_out.weight"])

    def run(self, tokens, past=None, logits=True):
        """tokens: dict of int64 [batch, length]: ids, subs, position, segment; relations [segments, segments]; ext pair."""
        w, config = self.weights, self.config
        position, segment = tokens["position"], tokens["segment"]
        if past is None:
            key_position, key_segment, cache = position, segment, [None] * config["num_layers"]
        else:
            key_position = torch.cat([past["position"], position], dim=-1)
            key_segment = torch.cat([past["segment"], segment], dim=-1)
            cache = past["cache"]
        # A prompt is one sample of which every token is input: each sees all.
        mask = torch.ones(*position.shape, key_position.shape[1], dtype=torch.bool)
        relations = tokens["relations"]
        flat = segment[:, :, None] * relations.shape[0] + key_segment[:, None, :]
        segment_bucket = relations.flatten()[flat]
        buckets, distance = config["position_bias_num_buckets"], config["position_bias_max_distance"]
        near = position_bucket(key_position[:, None, :] - position[:, :, None], buckets, distance)
        rows = torch.where(segment_bucket == 0, near, segment_bucket - 1 + buckets)
        bias = F.embedding(rows, w["position_bias.relative_attention_bias"]).permute(0, 3, 1, 2)

        x = self.embed(tokens["ids"], tokens["subs"])
        present = []
        for i in range(config["num_layers"]):
            at = f"encoder.layers.{i}."
            normed = rms_norm(x, w[at + "self_att.layernorm_before_attention.weight"], self.eps)
            out, kept = self.attention(at + "self_att.self_attention.", normed, mask, bias, cache[i])
            x = (x + out) / 1.05
            normed = rms_norm(x, w[at + "ffn.layernorm_before_ffn.weight"], self.eps)
            x = (x + self.feed_forward(at + "ffn.ffn.", normed)) / 1.05
            present.append(kept)
        x = rms_norm(x, w["encoder.output_layernorm.weight"], self.eps)
        state = {"position": key_position, "segment": key_segment, "cache": present}
        return self.project(x, self.embed(*tokens["ext"])) if logits else None, state


def prompt_tokens(prompt, batch):
    of = lambda values: torch.tensor(values, dtype=torch.int64)
    row = lambda name: of(prompt[name])[None].expand(batch, -1).contiguous()
    segments = prompt["segments"]
    return {
        "ids": row("ids"),
        "subs": row("subs"),
        "position": row("position"),
        "segment": row("segment"),
        "relations": of(prompt["relations"]).view(segments, segments),
        "ext": (of(prompt["extIds"]), of(prompt["extSubs"])),
    }


def expanded(state, batch):
    """A prefilled cache of one row as the cache of `batch` rows."""
    rows = lambda x: x.expand(batch, *x.shape[1:]).contiguous()
    return {
        "position": rows(state["position"]),
        "segment": rows(state["segment"]),
        "cache": [(rows(k), rows(v)) for k, v in state["cache"]],
    }


def step_tokens(prompt, ids, subs, position):
    batch = len(ids)
    column = lambda values: torch.tensor(values, dtype=torch.int64).view(batch, 1)
    return {
        **prompt_tokens(prompt, 1),
        "ids": column(ids),
        "subs": column(subs),
        "position": column([position] * batch),
        "segment": column([prompt["answerSegment"]] * batch),
    }


class BeamDecoder:
    """Beam search's steps: run, penalise, log-softmax, choose, reorder the caches. Ends of answers are not looked at."""

    def __init__(self, model, prompt, state, beams, penalty, temperature):
        self.model, self.prompt, self.state, self.beams = model, prompt, state, beams
        self.penalty, self.temperature = penalty, temperature
        self.scores = torch.zeros(beams)
        self.scores[1:] = -1e9
        self.fed = torch.full((beams, 1), prompt["bosId"], dtype=torch.int64)
        self.words = [prompt["bosId"]] * beams
        self.position = 0

    def step(self):
        vocab = self.model.config["vocab_size"]
        ext_ids, ext_subs = self.prompt["extIds"], self.prompt["extSubs"]
        ids = [word if word < vocab else ext_ids[word - vocab] for word in self.words]
        subs = [0 if word < vocab else ext_subs[word - vocab] for word in self.words]
        tokens = step_tokens(self.prompt, ids, subs, self.position)
        logits, self.state = self.model.run(tokens, self.state)
        logits = logits[:, -1]
        seen = logits.gather(1, self.fed)
        logits = logits.scatter(1, self.fed, torch.where(seen < 0, seen * self.penalty, seen / self.penalty))
        scores = F.log_softmax(logits / self.temperature, dim=-1) + self.scores[:, None]
        best, flat = torch.topk(scores.view(-1), 2 * self.beams)
        best, flat = best[: self.beams], flat[: self.beams]
        parent, word = flat // scores.shape[-1], flat % scores.shape[-1]
        self.scores = best
        self.words = word.tolist()
        base = torch.tensor([w if w < vocab else ext_ids[w - vocab] for w in self.words])
        self.fed = torch.cat([self.fed.index_select(0, parent), base[:, None]], dim=-1)
        self.state = {
            "position": self.state["position"].index_select(0, parent),
            "segment": self.state["segment"].index_select(0, parent),
            "cache": [(k.index_select(0, parent), v.index_select(0, parent)) for k, v in self.state["cache"]],
        }
        self.position += 1
