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

it('lets messages in between two runs, however they follow one another', async () => {
  const ort = await import('onnxruntime-web')
  const g = new GraphBuilder('twice')
  const x = g.input('x', 'float32', ['rows', 2])
  g.output('y', g.add(x, x), 'float32', ['rows', 2])
  const session = await onnxruntimeWeb(ort).createSession(await g.finish(), { threads: 1 })
  const { port1, port2 } = new MessageChannel()
  let told = false
  port1.onmessage = () => {
    told = true
  }
  port2.postMessage('stop')
  let runs = 0
  for (; runs < 1000 && !told; runs++) await session.run({ x: float32([1, 2], [1, 2]) })
  port1.close()
  expect(runs).toBeLessThanOrEqual(2)
  await session.dispose()
  await expect(session.run({ x: float32([1, 2], [1, 2]) })).rejects.toMatchObject({ code: 'DISPOSED' })
})

it('refuses a device that is not there, before any weight is read', async () => {
  const ort = await import('onnxruntime-web')
  const linear = new Linear(2, 2)
  const weights = memoryWeights({ weight: float32([1, 2, 3, 4], [2, 2]), bias: float32([10, 20]) })
  bindWeights(linear, weights)
  const g = new GraphBuilder('linear')
  g.output('y', linear.build(g, g.input('x', 'float32', ['rows', 2])), 'float32', ['rows', 2])
  const read: unknown[] = []
  const onProgress = (progress: unknown) => read.push(progress)
  for (const device of ['webgpu', 'cuda'] as const)
    await expect(onnxruntimeWeb(ort).createSession(await g.finish(), { device, onProgress })).rejects.toMatchObject({
      code: 'MISSING_DEPENDENCY',
      dependency: device,
    })
  expect(read).toEqual([])
})
