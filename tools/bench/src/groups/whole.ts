import type { BenchOptions } from '../options.js'
import { startOurs } from '../peers.js'
import { Measurement } from '../result.js'

/** The embedded model from nothing to an answer, each run in a process of its own. */
export async function measureChat({ runs, threads }: BenchOptions): Promise<Measurement[]> {
  const load = new Measurement('chat', 'load the embedded model', 'ms')
  const first = new Measurement('chat', 'first answer about a picture', 'ms')
  const next = new Measurement('chat', 'next question about it', 'ms')
  const memory = new Measurement('chat', 'peak memory of the process', 'MB')
  for (let run = 0; run < runs; run++) {
    const ours = startOurs()
    const { loadMs, firstMs, nextMs } = await ours.ask('chat', { threads })
    load.add({ ms: loadMs })
    first.add({ ms: firstMs })
    next.add({ ms: nextMs })
    memory.add({ ms: (await ours.ask('memory', {})).peakMb })
    await ours.end()
  }
  return [load, first, next, memory]
}

/** Tokenizer throughput with the embedded vocabulary, over mixed Chinese and English text. */
export async function measureTokenizer({ runs }: BenchOptions): Promise<Measurement[]> {
  const encode = new Measurement('tokenizer', 'encode', 'M characters/s')
  const decode = new Measurement('tokenizer', 'decode', 'M tokens/s')
  const pack = new Measurement('tokenizer', 'pack a question', 'ms')
  for (let run = 0; run < runs; run++) {
    const ours = startOurs()
    const speed = await ours.ask('tokenize', {})
    encode.add({ ms: speed.encode })
    decode.add({ ms: speed.decode })
    pack.add({ ms: speed.pack })
    await ours.end()
  }
  return [encode, decode, pack]
}
