import { fileURLToPath } from 'node:url'
import { cpmBee10b } from '@viscpm/cpm-bee'
import { output } from './shell.js'

const script = fileURLToPath(new URL('../../torch/full_matmuls.py', import.meta.url))
/** As many as fit beside anything; every layer takes the same time. */
const measuredLayers = 4

/** Milliseconds of all layers' products; decoding with the output head. */
export interface TorchProducts {
  readonly decodeMs: number
  readonly prefill128Ms: number
}

export interface TorchTimes {
  readonly version: string
  readonly bf16: TorchProducts
  readonly fp32: TorchProducts
}

type Answer = Readonly<Record<'decode' | 'prefill128' | 'head', number>>

/** Matrix products alone, of a few layers, times the number of layers. @throws Error when PyTorch is not there */
export async function timeTorch(python: string, threads: number, layers: number): Promise<TorchTimes> {
  const { dimModel, dimFF, vocabSize } = cpmBee10b
  const text = await output(python, [
    '-B',
    script,
    ...[threads, measuredLayers, dimModel, dimFF, vocabSize].map(String),
  ])
  const { version, bf16, fp32 } = JSON.parse(text) as { version: string; bf16: Answer; fp32: Answer }
  const whole = ({ decode, prefill128, head }: Answer): TorchProducts => ({
    decodeMs: decode * layers + head,
    prefill128Ms: prefill128 * layers,
  })
  return { version, bf16: whole(bf16), fp32: whole(fp32) }
}
