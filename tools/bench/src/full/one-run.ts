import { loadavg } from 'node:os'
import type { BenchOptions } from '../options.js'
import type { MemoryReader } from './bandwidth.js'
import { cachedBandwidth, diskBandwidth, dropFromCache } from './disk.js'
import type { FullRun } from './rows.js'
import { timeLlama, timeLoad, timeOurs } from './sides.js'
import type { LlamaSubject, Subject } from './subject.js'
import { type TorchTimes, timeTorch } from './torch.js'

/** Everything once, one after another; ours and llama.cpp take turns in being first. */
export async function oneRun(
  { folder, file, config }: Subject,
  run: number,
  threads: number,
  reader: MemoryReader,
  peer: LlamaSubject | { missing: string },
  { torch, python }: BenchOptions,
  log: (text: string) => void,
): Promise<FullRun> {
  const load = loadavg()[0]!
  const repeats = config.numLayers > 16 ? 2 : 4
  const memoryGbPerSecond = await reader.read(threads)
  const diskGbPerSecond = await diskBandwidth(file)
  const coldLoadMs = (await dropFromCache(file)) ? await timeLoad(folder, threads) : undefined
  const cachedGbPerSecond = await cachedBandwidth(file)
  const llamaOf = () => ('missing' in peer ? undefined : timeLlama(peer, peer.model, threads, repeats))
  const early = run % 2 === 1 ? await llamaOf() : undefined
  const ours = await timeOurs(folder, threads, repeats)
  const llama = run % 2 === 1 ? early : await llamaOf()
  let theirs: TorchTimes | undefined
  if (torch)
    try {
      theirs = await timeTorch(python, threads, config.numLayers)
    } catch (error) {
      log(`PyTorch is not measured: ${(error as Error).message.split('\n').at(-1)}`)
    }
  return { load, memoryGbPerSecond, diskGbPerSecond, cachedGbPerSecond, coldLoadMs, ours, llama, torch: theirs }
}
