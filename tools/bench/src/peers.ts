import { existsSync } from 'node:fs'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Peer } from './peer.js'
import type { CommandName, Reply, Request } from './protocol.js'

/** Both sides of a run; `torch` is absent where PyTorch is. */
export interface Sides {
  readonly ours: Peer
  readonly torch: Peer | undefined
}

const built = new URL('./ours/side.js', import.meta.url)
const torchSide = fileURLToPath(new URL('../torch/side.py', import.meta.url))

/**
 * With other work on the machine, OpenMP threads that spin while they wait cost PyTorch dearly; ours never spin.
 * So it waits passively there; on a machine of its own it keeps its default, which is faster.
 */
function torchEnvironment(cores: number): Record<string, string> {
  return loadavg()[0]! > cores / 2 ? { OMP_WAIT_POLICY: 'PASSIVE' } : {}
}

export function startOurs(env: Readonly<Record<string, string>> = {}): Peer {
  if (!existsSync(built)) throw new Error('the benchmark has to be built first: pnpm bench does it')
  return new Peer(process.execPath, [fileURLToPath(built)], env)
}

function startTorch(python: string, cores: number): Peer {
  return new Peer(python, [torchSide], torchEnvironment(cores))
}

/**
 * Starts both sides, one after the other, and says how long each took until it answered.
 * @param peer PyTorch's Python, or what starts another side; undefined: this project alone
 */
export async function startSides(
  threads: number,
  peer: string | (() => Peer) | undefined,
): Promise<{ sides: Sides; startMs: { ours: number; torch: number | undefined } }> {
  const ours = startOurs()
  const { importMs: oursStart } = await ours.ask('info', { threads })
  const torch = typeof peer === 'string' ? startTorch(peer, threads) : peer?.()
  const theirs = await torch?.ask('info', { threads })
  return { sides: { ours, torch }, startMs: { ours: oursStart, torch: theirs?.importMs } }
}

export async function endSides({ ours, torch }: Sides): Promise<void> {
  await Promise.all([ours.end(), torch?.end()])
}

/** What PyTorch there is, or the reason why there is none. */
export async function probeTorch(
  python: string,
  threads: number,
): Promise<{ version: string; blas: string; diffusers: string | undefined } | { missing: string }> {
  const peer = startTorch(python, threads)
  try {
    const { version, blas, diffusers } = await peer.ask('info', { threads })
    return { version, blas: blas ?? 'unknown', diffusers }
  } catch (error) {
    return {
      missing: String((error as Error).message)
        .split('\n')
        .at(-1)!,
    }
  } finally {
    await peer.end()
  }
}

/** Asks both in turn, `oursFirst` saying in which order. */
export async function both<K extends CommandName>(
  sides: Sides,
  oursFirst: boolean,
  command: K,
  request: Request<K>,
): Promise<{ ours: Reply<K>; torch: Reply<K> | undefined }> {
  const askTorch = () => sides.torch?.ask(command, request)
  if (!oursFirst) {
    const torch = await askTorch()
    return { ours: await sides.ours.ask(command, request), torch }
  }
  const ours = await sides.ours.ask(command, request)
  return { ours, torch: await askTorch() }
}
