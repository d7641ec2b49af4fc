"""Two single-thread processes instead of two threads: gradients averaged once a step.

On two shared cores this is clearly faster than letting every small operator wait for both cores.
"""
import os
import tempfile

import torch
import torch.distributed as dist
import torch.multiprocessing as mp


def start(worker, processes, args):
    """Run worker(rank, processes, args) in each process."""
    if processes == 1:
        torch.set_num_threads(1)
        return worker(0, 1, args)
    meet = tempfile.mktemp(prefix="train-tiny-")
    mp.spawn(_run, (processes, meet, worker, args), nprocs=processes)


def _run(rank, n, meet, worker, args):
    torch.set_num_threads(1)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    dist.init_process_group("gloo", init_method=f"file://{meet}", rank=rank, world_size=n)
    worker(rank, n, args)
    dist.destroy_process_group()


def average(params, n, rank, clock):
    """Average the gradients of params over processes; returns rank 0's clock to all."""
    if n == 1:
        return clock
    live = [p for p in params if p.requires_grad]
    for p in live:
        if p.grad is None:
            p.grad = torch.zeros_like(p)
    flat = torch.cat([p.grad.flatten() for p in live] + [torch.tensor([clock * n if rank == 0 else 0.0])])
    dist.all_reduce(flat)
    flat /= n
    at = 0
    for p in live:
        p.grad.copy_(flat[at:at + p.numel()].view_as(p))
        at += p.numel()
    return flat[-1].item()
