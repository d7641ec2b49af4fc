import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { WeightSource } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { renamed } from '@viscpm/core/weights'
import { describe, expect, it, vi } from 'vitest'
import { type CpmBeeConfig, parseCpmBeeConfig } from '../config.js'
import { floats, recordedForward, worst } from './fixtures/recorded.js'
import { quantizedModel, smallConfig } from './fixtures/written.js'
import type { ForwardInput } from './forward.js'
import { CpmBeeModel } from './model.js'
import { StreamedCpmBee } from './streamed.js'

const goldens = fileURLToPath(new URL('../../../../tools/parity/goldens/', import.meta.url))
const backend = onnxruntimeNode()

/** The recorded models: the second lacks blocks in some layers. */
const recorded = {
  'cpmbee-b': ['cpmbee-b.fp16.bin', 'synthetic-samples-spans'],
  'cpmbee-mask': ['cpmbee-mask.fp16.bin', 'chat-train-like'],
} as const

async function open(name: keyof typeof recorded, file: string = recorded[name][0]) {
  const folder = `${goldens}checkpoints/${name}/`
  const config = parseCpmBeeConfig(JSON.parse(readFileSync(`${folder}config.json`, 'utf8')).cpm_bee)
  const weights = await openCheckpoint(folder + file)
  const forward = await openCheckpoint(`${goldens}cpm-bee/${name}/forward/${recorded[name][1]}.safetensors`)
  return { weights, config, forward, input: await recordedForward(forward) }
}

async function statesOf(model: CpmBeeModel | StreamedCpmBee, input: ForwardInput): Promise<Float32Array> {
  const { hidden_states } = await model.forward(input)
  return hidden_states!.data as Float32Array
}

async function resident(weights: WeightSource, config: CpmBeeConfig, input: ForwardInput, keepHalf = false) {
  const model = await CpmBeeModel.load({ kvCache: 'float32', weights, config, backend, threads: 1, keepHalf })
  const states = await statesOf(model, input)
  await model.dispose()
  return states
}

const stream = (weights: WeightSource, config: CpmBeeConfig, layersAtOnce?: number): Promise<StreamedCpmBee> =>
  StreamedCpmBee.load({ weights, config, backend, threads: 1, ...(layersAtOnce && { layersAtOnce }) })

/** Two rows of different length. */
const batch = 2
const length = 9
const zeroes = (): Int32Array => new Int32Array(batch * length)
const smallInput: ForwardInput = {
  batch,
  length,
  inputIds: zeroes().map((_, i) => (7 * i) % smallConfig.vocabSize),
  inputIdSubs: zeroes().map((_, i) => i % 3),
  lengths: [9, 6],
  context: new Uint8Array(batch * length).fill(1),
  sampleIds: zeroes(),
  numSegments: zeroes().fill(1),
  segmentIds: zeroes(),
  segmentRelOffset: zeroes(),
  segmentRel: new Int32Array(batch),
  segmentRelLength: 1,
  extTableIds: new Int32Array(0),
  extTableSub: new Int32Array(0),
}

describe('layers from a half-precision file', () => {
  it.each(Object.keys(recorded) as (keyof typeof recorded)[])(
    'give the states of the whole %s, bit for bit',
    async name => {
      const { weights, config, forward, input } = await open(name)
      const whole = await resident(weights, config, input, true)
      for (const layersAtOnce of [1, 2, 100]) {
        const streamed = await stream(weights, config, layersAtOnce)
        expect(await statesOf(streamed, input)).toEqual(whole)
        await streamed.dispose()
      }
      expect(worst(whole, await floats(forward, 'out.hidden_states'))).toBeLessThan(1e-4)
      await weights.close()
      await forward.close()
    },
  )

  it('give those of widened weights within rounding', async () => {
    const { weights, config, forward, input } = await open('cpmbee-b')
    const whole = await resident(weights, config, input)
    expect(worst(await statesOf(await stream(weights, config), input), whole)).toBeLessThan(1e-5)
    await weights.close()
    await forward.close()
  })
})

it.each([4, 8] as const)('layers of %i bits give the states of the whole model, bit for bit', async bits => {
  const weights = await quantizedModel(bits)
  const whole = await resident(weights, smallConfig, smallInput)
  expect(new Set(whole).size).toBeGreaterThan(100)
  for (const layersAtOnce of [1, 3])
    expect(await statesOf(await stream(weights, smallConfig, layersAtOnce), smallInput)).toEqual(whole)
})

describe('a streamed model', () => {
  it('checks all keys when it is loaded, and reads no weight', async () => {
    const { weights, config, forward } = await open('cpmbee-b')
    await forward.close()
    const read = vi.spyOn(weights, 'read')
    await stream(weights, config)
    const lacking = renamed(weights, key => (key.includes('layers.1.ffn.ffn.w_out') ? undefined : key))
    await expect(stream(lacking, config)).rejects.toMatchObject({ code: 'MISSING_KEY' })
    const more = renamed(weights, key => (key === 'encoder.output_layernorm.weight' ? `${key}x` : key))
    await expect(stream(more, config)).rejects.toMatchObject({ code: 'MISSING_KEY' })
    await expect(stream(weights, { ...config, numLayers: 1 })).rejects.toMatchObject({ code: 'UNEXPECTED_KEY' })
    await expect(stream(weights, { ...config, dimFF: 7 })).rejects.toMatchObject({ code: 'WRONG_SHAPE' })
    await expect(stream(weights, config, 0.5)).rejects.toMatchObject({ argument: 'layersAtOnce' })
    expect(read).not.toHaveBeenCalled()
    await weights.close()
  })

  it('gives the states after every layer, and the embeddings where asked', async () => {
    const { weights, config, forward, input } = await open('cpmbee-b')
    const model = await CpmBeeModel.load({
      ...{ weights, config, backend, threads: 1, keepHalf: true },
      ...{ layerOutputs: true, kvCache: 'float32' },
    })
    const names = [
      'embedding',
      ...Array.from({ length: config.numLayers - 1 }, (_, i) => `layer.${i}`),
      'hidden_states',
    ]
    const whole = await model.forward(input, names)
    await model.dispose()
    const streamed = await stream(weights, config)
    const inside: number[] = []
    for await (const { layers, states } of streamed.layers(input, { embedding: true })) {
      inside.push(layers)
      expect(states.data).toEqual(whole[names[layers]!]!.data)
    }
    expect(inside).toEqual(names.map((_, i) => i))
    for await (const { layers } of streamed.layers(input)) expect(layers).toBeGreaterThan(0)
    await streamed.dispose()
    await expect(streamed.layers(input, { embedding: true }).next()).rejects.toMatchObject({ code: 'DISPOSED' })
    await weights.close()
    await forward.close()
  })

  it('holds no session but that of the layers it is at', async () => {
    const weights = await quantizedModel(4)
    let open = 0
    let most = 0
    const counting = {
      name: 'counting',
      createSession: async (...args: Parameters<typeof backend.createSession>) => {
        const session = await backend.createSession(...args)
        most = Math.max(most, ++open)
        const dispose = async () => {
          open--
          await session.dispose()
        }
        return {
          inputNames: session.inputNames,
          outputNames: session.outputNames,
          dispose,
          run: session.run.bind(session),
        }
      },
    }
    const streamed = await StreamedCpmBee.load({ weights, config: smallConfig, backend: counting })
    // Two at once wait for each other.
    const [one, two] = await Promise.all([statesOf(streamed, smallInput), statesOf(streamed, smallInput)])
    expect(one).toEqual(two)
    expect([open, most]).toEqual([0, 1])
  })

  it('tells each layer, lets the event loop go, and stops between layers', async () => {
    const weights = await quantizedModel(4)
    const streamed = await stream(weights, smallConfig)
    const done: number[] = []
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    await streamed.forward(smallInput, undefined, { onProgress: p => done.push(p.done / p.total!) })
    clearInterval(timer)
    expect(done).toEqual([0.25, 0.5, 0.75, 1])
    expect(turns).toBeGreaterThan(1)

    const controller = new AbortController()
    const stopped: number[] = []
    const aborted = streamed.forward(smallInput, undefined, {
      signal: controller.signal,
      onProgress: p => {
        stopped.push(p.done)
        if (p.done === 2) controller.abort(new Error('enough'))
      },
    })
    await expect(aborted).rejects.toThrow('enough')
    expect(stopped).toEqual([1, 2])
    await expect(streamed.forward(smallInput)).resolves.toHaveProperty('hidden_states') // usable as before

    await expect(streamed.forward(smallInput, ['logits'])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    const running = streamed.forward(smallInput)
    await Promise.all([expect(running).rejects.toMatchObject({ code: 'DISPOSED' }), streamed.dispose()])
    await expect(streamed.forward(smallInput)).rejects.toMatchObject({ code: 'DISPOSED' })
  })
})
