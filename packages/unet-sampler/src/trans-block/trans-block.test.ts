import { type Tensor, tensor, zeros } from '@viscpm/core'
import { onnxruntimeNode } from '@viscpm/core/node'
import { memoryWeights } from '@viscpm/core/weights'
import { describe, expect, it } from 'vitest'
import { expectClose } from '../fixtures/compare.js'
import { exampleTensor } from '../fixtures/weights.js'
import { TransBlock } from './trans-block.js'

const backend = onnxruntimeNode()
const [dimIn, dimOut] = [7, 5]
const tensors: Record<string, Tensor<'float32'>> = {
  'trans_block.w_out_res.weight': exampleTensor([dimOut, dimIn]),
  'trans_block.layernorm.weight': exampleTensor([dimOut], 1.1),
  'trans_block.layernorm.bias': exampleTensor([dimOut], 2.3),
}
const prefix = 'trans_block.'

function load(changes: Record<string, Tensor | undefined> = {}): Promise<TransBlock> {
  const all = Object.entries({ ...tensors, ...changes }).filter((entry): entry is [string, Tensor] => !!entry[1])
  return TransBlock.load({ weights: memoryWeights(new Map(all)), prefix, backend, threads: 1 })
}

/** Linear without bias, then layer norm, from their definitions. */
function definition(x: Tensor<'float32'>): Tensor {
  const [weight, scale, shift] = Object.values(tensors).map(t => t.data) as [Float32Array, Float32Array, Float32Array]
  const rows = x.data.length / dimIn
  const out: number[] = []
  for (let r = 0; r < rows; r++) {
    const y = Array.from(shift, (_, o) => {
      return x.data.subarray(r * dimIn, (r + 1) * dimIn).reduce((sum, v, i) => sum + v * weight[o * dimIn + i]!, 0)
    })
    const mean = y.reduce((sum, v) => sum + v, 0) / dimOut
    const variance = y.reduce((sum, v) => sum + (v - mean) ** 2, 0) / dimOut
    out.push(...y.map((v, o) => ((v - mean) / Math.sqrt(variance + 1e-6)) * scale[o]! + shift[o]!))
  }
  return tensor('float32', Float32Array.from(out), [...x.shape.slice(0, -1), dimOut])
}

describe('TransBlock', () => {
  it('is a linear layer and a norm, of the widths of its weights', async () => {
    const block = await load()
    expect([block.dimIn, block.dimOut]).toEqual([dimIn, dimOut])
    const x = exampleTensor([2, 3, dimIn], 0.9)
    expectClose(await block.run(x), definition(x), 1e-5, 'out')
    await block.dispose()
    await expect(block.run(x)).rejects.toMatchObject({ code: 'DISPOSED' })
  })

  it('tells small differences of nearly equal values apart: its epsilon is 1e-6', async () => {
    const block = await load()
    const x = exampleTensor([1, 2, dimIn], 0.9)
    const tiny = tensor(
      'float32',
      x.data.map(v => v * 1e-3),
      x.shape,
    )
    expectClose(await block.run(tiny), definition(tiny), 1e-4, 'out')
    await block.dispose()
  })

  it('refuses other inputs', async () => {
    const block = await load()
    for (const shape of [
      [1, 3, 8],
      [3, 7],
      [1, 0, 7],
    ])
      await expect(block.run(zeros('float32', shape))).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
        argument: 'hiddenStates',
        message: expect.stringContaining(`[batch, tokens, 7] is needed, found [${shape}]`),
      })
    const x = exampleTensor([1, 2, dimIn])
    x.data[8] = Number.NaN
    await expect(block.run(x)).rejects.toMatchObject({ code: 'NON_FINITE' })
    await block.dispose()
  })

  it('refuses other weights, naming the key', async () => {
    const [weight, norm] = ['trans_block.w_out_res.weight', 'trans_block.layernorm.weight'] as const
    await expect(load({ [weight]: undefined })).rejects.toMatchObject({ code: 'MISSING_KEY', keys: [weight] })
    await expect(load({ [norm]: undefined })).rejects.toMatchObject({ code: 'MISSING_KEY', keys: [norm] })
    await expect(load({ [weight]: zeros('float32', [35]) })).rejects.toMatchObject({ code: 'WRONG_SHAPE', key: weight })
    await expect(load({ [norm]: zeros('float32', [7]) })).rejects.toMatchObject({ code: 'WRONG_SHAPE', key: norm })
    const bias = 'trans_block.w_out_res.bias'
    await expect(load({ [bias]: zeros('float32', [5]) })).rejects.toMatchObject({
      code: 'UNEXPECTED_KEY',
      keys: [bias],
    })
  })
})
