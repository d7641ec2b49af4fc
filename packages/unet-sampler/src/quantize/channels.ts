import { NonFiniteError, numel, type Tensor, tensor, toFloat32 } from '@viscpm/core'

/** int8 with one scale per output channel. */
export interface ChannelWeights {
  /** [out, ...] */
  readonly weight: Tensor<'int8'>
  /** [out] */
  readonly scales: Tensor<'float32'>
}

const most = 127
/** An int32 bias counts in steps of the input's scale times the weight's: these must not be too small for it. */
const largestBias = 2 ** 30

/** What is added to the channels, with the scale of what they are multiplied by. */
export interface ChannelBias {
  readonly values: Tensor
  readonly inputScale: number
}

/** The scale of each output channel of a weight [out, ...]: its largest value becomes 127. @throws NonFiniteError naming `key` */
export function channelScales(key: string, w: Tensor, bias?: ChannelBias): Tensor<'float32'> {
  const values = toFloat32(w)
  const [out] = w.shape as [number]
  const size = numel(w.shape.slice(1))
  const added = bias && toFloat32(bias.values)
  const scales = new Float32Array(out)
  for (let row = 0; row < out; row++) {
    let largest = 0
    for (let i = row * size; i < (row + 1) * size; i++) {
      const magnitude = Math.abs(values[i]!)
      if (!(magnitude <= Number.MAX_VALUE)) throw new NonFiniteError({ message: `${key} holds ${values[i]}` })
      if (magnitude > largest) largest = magnitude
    }
    const least = bias ? Math.abs(added![row]!) / bias.inputScale / largestBias : 0
    scales[row] = Math.max(largest / most, least) || 1
  }
  return tensor('float32', scales, [out])
}

/**
 * Rounds each output channel of a weight [out, ...] to -127..127 times a scale of its own: value = q * scale[out].
 * @throws NonFiniteError naming `key`
 */
export function quantizeChannels(key: string, w: Tensor, bias?: ChannelBias): ChannelWeights {
  const scales = channelScales(key, w, bias)
  const values = toFloat32(w)
  const size = values.length / scales.data.length
  const q = new Int8Array(values.length)
  for (const [row, scale] of scales.data.entries())
    for (let i = row * size; i < (row + 1) * size; i++)
      q[i] = Math.max(-most, Math.min(most, Math.round(values[i]! / scale)))
  return { weight: tensor('int8', q, w.shape), scales }
}
