"""The painter proper: the UNet and trans_block learn to predict the noise in latents, given CPM-Bee's states.

CPM-Bee (train_reader's, or the chat model's) stays as it is: its states are computed once a caption. One prompt in
ten is empty, for guidance.
"""
import pathlib
import time

import torch

import twins

from . import loop, style, subjects
from .diffusion import Schedule, times
from .painter import Painter, Trainee
from .pool import Pool
from .sheet import save_sheet
from .text import fingerprint, load_llm, load_tokenizer, packed, pad_state, padded, states
from .train_vae import load_vae
from .unet import small

REFRESH = 32
PREVIEW = ["a cat", "一只红色的猫", "a blue banana", "一根蓝色的香蕉", "a pizza on a green background", "黑色背景上的一颗星星", "a red car and a tree",
           "一条狗和一个苹果", "a purple guitar", "一座城堡", "an owl", "一架飞机", "a pink elephant", "一朵玫瑰", "a yellow fish next to a crab", "左边是一本书，右边是一把钥匙"]


class Reader:
    """Captions to CPM-Bee's states, kept in half precision and without padding."""

    def __init__(self, llm, tok):
        self.llm, self.tok = llm, tok
        self.pad = pad_state(llm)
        self.empty = self([""])[0]

    @torch.no_grad()
    def __call__(self, prompts):
        packs = [packed(self.tok, p) for p in prompts]
        h = states(self.llm, packs)
        return [h[k, :len(p["ids"])].half() for k, p in enumerate(packs)]

    def hidden(self, rows):
        return padded([x.float() for x in rows], self.pad)


def losses(trainee, reader, schedule, latents, texts, gen, a):
    n = len(latents)
    drop = torch.rand(n, generator=gen) < a.empty
    hidden = reader.hidden([reader.empty if d else x for x, d in zip(texts, drop.tolist())])
    if a.compile:
        torch._dynamo.mark_dynamic(hidden, 1)  # one compilation for prompts of any length
    t, noise = times(gen, n, a.slope), torch.randn(latents.shape, generator=gen)
    noisy = schedule.noised(latents, noise, t).contiguous(memory_format=torch.channels_last)
    error = (trainee(noisy, t, hidden) - noise).square().mean((1, 2, 3))
    loss = (error * schedule.snr_weight(t, a.min_snr, a.floor)).mean()
    return loss, dict(error=error.mean().item())


@torch.no_grad()
def preview(run, llm, tok, vae, path):
    with torch.autocast("cpu", torch.bfloat16):
        save_sheet(Painter(llm, tok, run.ema, vae).paint(PREVIEW, range(len(PREVIEW))), path, columns=8)


def worker(rank, n, a):
    torch.manual_seed(a.seed)
    drawings = style.Drawings(a.work)
    vae = load_vae(a.vae or a.work / "vae.pt").to(memory_format=torch.channels_last)
    llm, tok = load_llm(a.llm), load_tokenizer(a.llm, a.vocab)
    config = small([int(c) for c in a.channels.split(",")], a.layers, a.context)
    trainee = Trainee(config, llm.config["dim_model"]).to(memory_format=torch.channels_last)
    trainee.unet.quiet_start()
    run = loop.Run(trainee, a, rank, n, dict(config=config, llm=fingerprint(llm), cpm_bee=llm.config))
    if a.start and not run.steps:
        c = loop.load(a.start)["ema"]
        for m in (run.module, run.ema):
            m.load_state_dict(c)
    if a.compile:
        trainee.compile()
    reader, schedule = Reader(llm, tok), Schedule()
    seed = a.seed + 1000 * rank + 7 * run.steps
    gen = torch.Generator().manual_seed(seed)
    begin = time.time()
    pool = Pool(drawings, vae, reader, a.pool, seed, a.choices, a.pairs)
    if rank == 0:
        print(f"pool of {a.pool} pictures in {time.time() - begin:.0f} s; latents' deviation {pool.mean.std():.3f}", flush=True)
    run.last = shown = time.time()  # the pool does not count as training
    due = 0.0
    while run.going():
        due += a.refresh
        if due >= REFRESH:
            due -= REFRESH
            pool.refresh(min(REFRESH, a.pool))
        latents, texts = pool.batch(a.batch)
        with torch.autocast("cpu", torch.bfloat16):
            loss, parts = losses(trainee, reader, schedule, latents, texts, gen, a)
        run.step(loss, parts)
        if rank == 0 and (time.time() - shown > a.preview * 60 or run.done >= 1):
            shown = time.time()
            preview(run, llm, tok, vae, run.path.with_suffix(".png"))


def main():
    ap = loop.arguments("unet", minutes=90, batch=24, lr=1e-3)
    ap.add_argument("--llm", type=pathlib.Path, required=True, help="train_reader's checkpoint, or an exported chat model folder or a chat checkpoint")
    ap.add_argument("--vocab", type=pathlib.Path, help="bee.txt, when it is not beside --llm")
    ap.add_argument("--vae", type=pathlib.Path, help="checkpoint of the codec (WORK/vae.pt)")
    ap.add_argument("--start", type=pathlib.Path, help="begin with the weights of this checkpoint, perhaps made for another CPM-Bee")
    ap.add_argument("--channels", default="64,128,160,128")
    ap.add_argument("--layers", type=int, default=1, help="residual blocks a level")
    ap.add_argument("--context", type=int, default=128, help="width of the text for the UNet")
    ap.add_argument("--min-snr", type=float, default=5.0, help="gamma of the min-SNR weighting, 0 = none")
    ap.add_argument("--floor", type=float, default=1.0, help="weight of the clean picture's error under pure noise")
    ap.add_argument("--slope", type=float, default=0.7, help="0..1: how much more often noisy times are drawn")
    ap.add_argument("--empty", type=float, default=0.1, help="share of empty prompts")
    ap.add_argument("--pool", type=int, default=4096, help="pictures kept as latents, per process")
    ap.add_argument("--choices", type=int, default=4, help="captions a picture")
    ap.add_argument("--pairs", type=float, default=subjects.PAIRS, help="share of pictures of two things")
    ap.add_argument("--refresh", type=float, default=2, help="new pictures a step")
    ap.add_argument("--compile", action="store_true", help="three minutes first, then about a quarter faster (needs a C++ compiler)")
    ap.add_argument("--preview", type=float, default=10, help="minutes between pictures in WORK/NAME.png")
    a = ap.parse_args()
    twins.start(worker, a.processes, a)


if __name__ == "__main__":
    main()
