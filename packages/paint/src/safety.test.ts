import { readFileSync } from 'node:fs'
import { type Backend, type Image, type ImageChecker, isVisCPMError, type Verdict } from '@viscpm/core'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { packPrompts, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { missingChecker, type SafetyParts, strictSafety } from '@viscpm/safety'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'
import { parseUNetConfig, parseVaeConfig } from '@viscpm/unet-sampler'
import { describe, expect, it } from 'vitest'
import { goldens } from './fixtures/goldens.js'
import { injections } from './fixtures/injections.js'
import { checkpoint, places, recorded } from './fixtures/painter.js'
import { type GenerateOptions, VisCPMPaint } from './index.js'

const quick = { prompt: 'a cat', steps: 2, seed: 1 } satisfies GenerateOptions
const sessionMade = 'a model was loaded'
const modelRun = 'a model was run'

/** A runtime whose models fail when they are run, or with `load` as soon as they are loaded. */
function untouchable(load: boolean): Backend {
  const backend = onnxruntimeNode()
  return {
    name: backend.name,
    async createSession(graph, options) {
      if (load) throw new Error(sessionMade)
      const session = await backend.createSession(graph, options)
      const { inputNames, outputNames } = session
      return {
        inputNames,
        outputNames,
        run: () => Promise.reject(new Error(modelRun)),
        dispose: () => session.dispose(),
      }
    },
  }
}

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const tokenizer = () => CpmBeeTokenizer.fromVocabulary(readFileSync(places().vocabulary!), 'bee.txt')

/** The recorded painter, which throws when it is asked; with `memory: 'low'` already where it would load a network. */
async function untouched(parts: SafetyParts, memory: 'normal' | 'low'): Promise<VisCPMPaint> {
  const [weights, vae] = [
    await openCheckpoint(checkpoint()),
    await openCheckpoint(`${places().vae}/diffusion_pytorch_model.safetensors`),
  ]
  const folder = goldens('paint')!
  return VisCPMPaint.create({
    ...parts,
    memory,
    tokenizer: tokenizer(),
    backend: untouchable(memory === 'low'),
    llm: { weights, prefix: 'llm.', config: parseCpmBeeConfig(json(places().config!)) },
    transBlock: { weights, prefix: 'trans_block.' },
    unet: { weights, prefix: 'unet.', config: parseUNetConfig(json(`${folder}/unet/config.json`)) },
    vae: { weights: vae, config: parseVaeConfig(json(`${places().vae}/config.json`)) },
    onDispose: async () => {
      await Promise.all([weights.close(), vae.close()])
    },
  })
}

/** What came of it: the result's status, the code of the error, or the error of the model. */
const outcome = (work: Promise<{ status: string }>): Promise<string> =>
  work.then(
    ({ status }) => status,
    error => (isVisCPMError(error) ? error.code : String(error.message)),
  )

const picture = (shade: number): Image => ({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(shade) })
const eye: ImageChecker = {
  name: 'eye',
  check: async ({ data }): Promise<Verdict> => ({ decision: data[0] === 9 ? 'block' : 'allow', checker: 'eye' }),
}

describe.skipIf(!recorded)('what is blocked never reaches a model', () => {
  it.each(['normal', 'low'] as const)(
    'under strict, whatever is asked in whatever order (memory: %s)',
    async memory => {
      let state = 11
      const below = (n: number) => {
        state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
        return Math.floor((state / 2 ** 32) * n)
      }
      const pick = <T>(list: readonly T[]): T => list[below(list.length)]!
      const texts = ['a cat', '一只红色的猫', '', 'p.o.r.n', '色情', 'a n4ked w0man', 'tit for tat']
      const harmful = new Set(['p.o.r.n', '色情', 'a n4ked w0man'])
      const reached = memory === 'low' ? sessionMade : modelRun
      const painters = [await untouched({}, memory), await untouched({ imageChecker: eye }, memory)]
      let blocked = 0
      for (let i = 0; i < 200; i++) {
        const which = below(2)
        const [prompt, negativePrompt, shade] = [pick(texts), pick(texts), pick([0, 5, 9])]
        const options: GenerateOptions = {
          prompt,
          steps: 2,
          ...(negativePrompt !== '' && { negativePrompt }),
          ...(shade > 0 && { image: picture(shade) }),
          ...pick([
            { seed: 3 },
            { syntax: 'raw' as const },
            { candidates: 2 },
            { guidanceScale: 1, skipUnguided: true },
            {},
          ]),
        }
        const bad = harmful.has(prompt) || harmful.has(negativePrompt) || (which === 1 && shade === 9)
        const came = await outcome(painters[which]!.generate(options))
        expect({ i, which, options, came }).toEqual({ i, which, options, came: bad ? 'blocked' : reached })
        if (bad) blocked++
      }
      expect(blocked).toBeGreaterThan(50)
      expect(blocked).toBeLessThan(190)
      for (const painter of painters) await painter.dispose()
    },
  )

  it.each<[string, ImageChecker]>([
    ['is missing', missingChecker('eye', 'no such folder')],
    ['throws', { name: 'eye', check: () => Promise.reject(new Error('broken')) }],
    ['hangs', { name: 'eye', check: () => new Promise(() => {}) }],
    ['says NaN', { name: 'eye', check: async () => ({ decision: 'allow', checker: 'eye', score: Number.NaN }) }],
    ['says nothing', { name: 'eye', check: async () => undefined as never }],
  ])('a picture to start from whose checker %s', async (_, checker) => {
    const painter = await untouched({ safety: strictSafety({ prompt: [], image: [checker], timeoutMs: 500 }) }, 'low')
    const result = await painter.generate({ ...quick, image: picture(3) })
    expect(result).toMatchObject({ status: 'blocked', images: [], safety: { image: { decision: 'unknown' } } })
    expect(result.safety.flagged).toMatchObject([{ stage: 'source-picture', action: 'block' }])
    await painter.dispose()
  })

  it('reads raw syntax as the model reads it', async () => {
    const painter = await untouched({}, 'low')
    for (const prompt of ['po<mask>rn', 'po<unk>rn', 'porn'])
      expect(await outcome(painter.generate({ ...quick, prompt, syntax: 'raw' }))).toBe('blocked')
    expect(
      await outcome(painter.generate({ ...quick, prompt: 'a cat', negativePrompt: 'po<mask>rn', syntax: 'raw' })),
    ).toBe('blocked')
    await painter.dispose()
  })
})

describe.skipIf(!recorded)('300 injections', () => {
  const structure = (words: CpmBeeTokenizer, prompt: string, negativePrompt: string) => {
    const { batch } = packPrompts(words, { prompt, negativePrompt })
    const special = new Set([...words.specialTokens].filter(([token]) => token !== '<unk>').map(([, id]) => id))
    return [0, 1].map(row => {
      const [from, to] = [row * batch.maxLength, row * batch.maxLength + batch.length[row]!]
      const ids = [...batch.inputIds.subarray(from, to)]
      return {
        segments: batch.numSegments[from],
        found: [...new Set(batch.segmentIds.subarray(from, to))],
        control: ids.flatMap((id, i) => (special.has(id) ? [[id, batch.segmentIds[from + i]]] : [])),
        predicted: [...batch.context.subarray(from, to)].filter(c => c === 0).length,
        pictures: batch.imageBounds[row]!.length,
      }
    })
  }

  it('in prompt and negative prompt leave segments and slots as they are', () => {
    const words = tokenizer()
    const harmless = structure(words, 'a cat', 'a dog')
    const all = injections()
    expect(new Set(all).size).toBeGreaterThan(250)
    for (const typed of all) {
      // An empty text has no token of its own: its segment is made of marks alone.
      expect({ typed, found: structure(words, `x${typed}`, 'a dog') }).toEqual({ typed, found: harmless })
      expect({ typed, found: structure(words, 'a cat', `x${typed}`) }).toEqual({ typed, found: harmless })
    }
  })
})
