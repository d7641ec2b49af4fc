import { expect, it } from 'vitest'
import { GraphBuilder } from '../graph/index.js'
import { type Device, devices } from '../session/providers.js'
import { float32 } from '../tensor.js'
import { listDevices, onnxruntimeNode } from './index.js'
import { preferredDevice } from './providers.js'

async function doubled(device: Device): Promise<number[]> {
  const g = new GraphBuilder('double')
  const x = g.input('x', 'float32', [1, 2])
  g.output('y', g.matmul(x, g.constant(float32([2, 0, 0, 2], [2, 2]))), 'float32', [1, 2])
  const session = await onnxruntimeNode().createSession(await g.finish(), { device })
  try {
    return [...((await session.run({ x: float32([3, 4], [1, 2]) })).y!.data as Float32Array)]
  } finally {
    await session.dispose()
  }
}

it('computes on every device, or says what is missing: never on another', async () => {
  const states = await listDevices()
  expect(states.map(({ device }) => device)).toEqual([...devices])
  expect(states[0]).toEqual({ device: 'cpu', state: 'started' })
  for (const { device, state, reason } of states)
    if (state === 'started') expect(await doubled(device)).toEqual([6, 8])
    else {
      await expect(doubled(device)).rejects.toMatchObject({
        code: 'MISSING_DEPENDENCY',
        dependency: device,
        message: expect.stringContaining(`the device ${device} `),
        hint: expect.stringMatching(/\w.*--device cpu/),
      })
      expect(reason !== undefined).toBe(state === 'failed')
    }
  const elsewhere = process.platform === 'darwin' ? 'dml' : 'coreml'
  expect(states.find(({ device }) => device === elsewhere)?.state).toBe('absent')
  await expect(doubled(elsewhere)).rejects.toThrow(/not in onnxruntime-node for .*it has: cpu/)
})

it('reads no weight before it is known that the device is there', async () => {
  const elsewhere = process.platform === 'darwin' ? 'dml' : 'coreml'
  const g = new GraphBuilder('weights')
  const location = {
    offset: 0,
    length: 4,
    source: {
      name: 'w',
      size: 4,
      read: async () => {
        throw new Error('was read')
      },
      close: async () => {},
    },
  }
  const w = g.initializer({ name: 'w', dtype: 'float32', shape: [1, 1], location })
  g.output('y', g.matmul(g.input('x', 'float32', [1, 1]), w), 'float32', [1, 1])
  const graph = await g.finish()
  await expect(onnxruntimeNode().createSession(graph, { device: elsewhere })).rejects.toMatchObject({
    code: 'MISSING_DEPENDENCY',
  })
  await expect(onnxruntimeNode().createSession(graph)).rejects.toThrow('was read')
})

it('takes the device of the environment, unless an option names one', async () => {
  expect(preferredDevice({})).toBe('cpu')
  expect(preferredDevice({ VISCPM_DEVICE: '' })).toBe('cpu')
  expect(preferredDevice({ VISCPM_DEVICE: 'webgpu' })).toBe('webgpu')
  expect(() => preferredDevice({ VISCPM_DEVICE: 'gpu' })).toThrow(/VISCPM_DEVICE.*cpu, cuda/)
  const elsewhere = process.platform === 'darwin' ? 'dml' : 'coreml'
  const before = process.env.VISCPM_DEVICE
  process.env.VISCPM_DEVICE = elsewhere
  try {
    expect(await doubled('cpu')).toEqual([6, 8])
    await expect(doubled(undefined as never)).rejects.toMatchObject({ dependency: elsewhere })
  } finally {
    if (before === undefined) delete process.env.VISCPM_DEVICE
    else process.env.VISCPM_DEVICE = before
  }
})
