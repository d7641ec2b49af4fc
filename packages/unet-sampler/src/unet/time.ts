import { float32 } from '@viscpm/core'
import { type GraphBuilder, Linear, Module, type Value } from '@viscpm/core/graph'
import type { Observe } from '../blocks/observe.js'
import type { UNetConfig } from './config.js'

/** Angular frequencies 10000^(-i / (count - shift)), each step rounded to float32 as PyTorch does. */
function frequencies(count: number, shift: number): Float32Array {
  const base = Math.fround(-Math.log(10000))
  return Float32Array.from({ length: count }, (_, i) => Math.exp(Math.fround(Math.fround(base * i) / (count - shift))))
}

/** Sinusoidal embedding, no weights. timestep: [batch] -> [batch, channels]. Source: diffusers, Timesteps. */
export class Timesteps extends Module {
  readonly #config: UNetConfig

  constructor(config: UNetConfig) {
    super()
    this.#config = config
  }

  build(g: GraphBuilder, timestep: Value, observe: Observe): Value {
    const { block_out_channels, flip_sin_to_cos, freq_shift } = this.#config
    const table = g.constant(float32(frequencies(block_out_channels[0]! / 2, freq_shift)), 'frequencies')
    const angles = g.mul(g.unsqueeze(timestep, 1), table) // [batch, channels / 2]
    const parts = [g.sin(angles), g.cos(angles)]
    return observe(this, g.concat(flip_sin_to_cos ? parts.reverse() : parts, 1), 2)
  }
}

/** x: [batch, channels] -> [batch, 4 * channels]. Source: diffusers, TimestepEmbedding. */
export class TimestepEmbedding extends Module {
  readonly linear_1: Linear
  readonly linear_2: Linear

  constructor(inChannels: number, outChannels: number) {
    super()
    this.linear_1 = new Linear(inChannels, outChannels)
    this.linear_2 = new Linear(outChannels, outChannels)
  }

  build(g: GraphBuilder, x: Value, observe: Observe): Value {
    return observe(this, this.linear_2.build(g, g.silu(this.linear_1.build(g, x))), 2)
  }
}
