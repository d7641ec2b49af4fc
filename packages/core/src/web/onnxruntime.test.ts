import { expect, it } from 'vitest'
import { bindWeights, GraphBuilder, Linear } from '../graph/index.js'
import { float32 } from '../tensor.js'
import { memoryWeights } from '../weights/index.js'
import { onnxruntimeWeb } from './index.js'

it('runs a graph in WebAssembly, weights included', async () => {
  const ort = await import('onnxruntime-web')
  const linear = new Linear(2, 2)
  bindWeights(linear, memoryWeights({ weight: float32([1, 2, 3, 4], [2, 2]), bias: float32([10, 20]) }))
  const g = new GraphBuilder('linear')
  g.output('y', linear.build(g, g.input('x', 'float32', ['rows', 2])), 'float32', ['rows', 2])
  const session = await onnxruntimeWeb(ort).createSession(await g.finish(), { threads: 1 })
  const runs = await Promise.all([1, 2].map(v => session.run({ x: float32([v, v], [1, 2]) })))
  expect(runs.map(({ y }) => [...(y!.data as Float32Array)])).toEqual([
    [13, 27],
    [16, 34],
  ])
  await session.dispose()
})
