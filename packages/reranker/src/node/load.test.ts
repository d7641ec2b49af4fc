import { readdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openAtomicSink, sharpCodec } from '@viscpm/core/node'
import { memoryWeights, writeSafetensors } from '@viscpm/core/weights'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { goldens } from '../fixtures/goldens.js'
import {
  configJson,
  drawn,
  failure,
  preprocessorJson,
  smallModel,
  smallTensors,
  vocabulary,
} from '../fixtures/small.js'
import { loadChineseCLIP } from './index.js'

const pictures = [1, 2, 3].map(seed => drawn(seed))

describe('loadChineseCLIP', () => {
  let folder: string
  const write = (name: string, content: unknown) =>
    writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  const writeWeights = async (name: string, keep: (key: string) => boolean = () => true) => {
    const tensors = new Map([...smallTensors()].filter(([key]) => keep(key)))
    await writeSafetensors(await openAtomicSink(join(folder, name)), memoryWeights(tensors))
    return tensors
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viscpm-reranker-'))
    await write('config.json', configJson)
    await write('preprocessor_config.json', preprocessorJson)
    await write('vocab.txt', vocabulary)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const scores = async (options = {}) => {
    const clip = await loadChineseCLIP(folder, options)
    const found = await clip.score('红色的猫', pictures)
    await clip.dispose()
    return found
  }
  const expected = async () => {
    const clip = await smallModel()
    const found = await clip.score('红色的猫', pictures)
    await clip.dispose()
    return found
  }

  it("takes transformers' folder", async () => {
    await writeWeights('model.safetensors')
    const progress: string[] = []
    expect(await scores({ onProgress: (p: { phase: string }) => progress.push(p.phase) })).toEqual(await expected())
    expect(progress).toContain('weights')
  })

  it('takes weights in several files', async () => {
    const files = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']
    const isText = (key: string) => key.startsWith('text_')
    const [text, rest] = [await writeWeights(files[0]!, isText), await writeWeights(files[1]!, key => !isText(key))]
    const weight_map = Object.fromEntries([text, rest].flatMap((part, i) => [...part.keys()].map(k => [k, files[i]])))
    await write('model.safetensors.index.json', { weight_map })
    expect(await scores()).toEqual(await expected())
  })

  it('takes weights that lie elsewhere', async () => {
    await writeWeights('other.safetensors')
    await writeWeights('unrelated.safetensors', key => key === 'logit_scale')
    expect(await scores({ weights: join(folder, 'other.safetensors') })).toEqual(await expected())
  })

  it('follows tokenizer_config.json and languages', async () => {
    await writeWeights('model.safetensors')
    await write('tokenizer_config.json', { tokenize_chinese_chars: false })
    await write('config.json', { ...configJson, languages: ['zh', 'en'] })
    expect(await scores()).not.toEqual(await expected())
    const clip = await loadChineseCLIP(folder, { name: 'mine' })
    expect([clip.name, clip.languages]).toEqual(['mine', ['zh', 'en']])
    await clip.dispose()
  })

  it.each(['config.json', 'preprocessor_config.json', 'vocab.txt'])('misses %s', async name => {
    await rm(join(folder, name))
    expect(await failure(loadChineseCLIP(folder))).toMatchObject({ code: 'FILE_NOT_FOUND', file: join(folder, name) })
  })

  it('misses the weights, or the folder', async () => {
    expect(await failure(loadChineseCLIP(folder))).toMatchObject({ code: 'FILE_NOT_FOUND', file: folder })
    for (const wrong of [join(folder, 'config.json'), join(folder, 'nowhere')])
      expect(await failure(loadChineseCLIP(wrong))).toMatchObject({ code: 'FILE_NOT_FOUND', file: wrong })
  })

  it.each([
    ['config.json', { ...configJson, model_type: 'clip' }, 'model_type'],
    ['preprocessor_config.json', { ...preprocessorJson, size: 32 }, 'size'],
    ['tokenizer_config.json', { tokenizer_class: 'CLIPTokenizer' }, 'tokenizer_class'],
  ])('names %s and the field when one is wrong', async (name, content, field) => {
    await write(name, content)
    const error = await failure(loadChineseCLIP(folder))
    expect(error).toMatchObject({ code: 'CONFIG', field })
    expect(error.message.startsWith(`${field}: `)).toBe(true)
    expect(error.message).toContain(join(folder, name))
  })

  it.each(['config.json', 'preprocessor_config.json', 'tokenizer_config.json'])(
    'says when %s is not JSON',
    async name => {
      await write(name, '{"size": ')
      const error = await failure(loadChineseCLIP(folder))
      expect(error).toMatchObject({ code: 'CONFIG', field: join(folder, name) })
      expect(error.message).toContain('is not JSON')
    },
  )

  it('refuses another vocabulary, and damaged weights', async () => {
    await writeWeights('model.safetensors')
    await write('vocab.txt', 'the\nwrong\nfile')
    expect(await failure(loadChineseCLIP(folder))).toMatchObject({ code: 'VOCABULARY' })
    await write('vocab.txt', vocabulary)
    const bytes = await readFile(join(folder, 'model.safetensors'))
    await writeFile(join(folder, 'model.safetensors'), bytes.subarray(0, bytes.length - 100))
    expect(await failure(loadChineseCLIP(folder))).toMatchObject({ code: 'FILE_FORMAT' })
  })

  it('does not load when aborted', async () => {
    await writeWeights('model.safetensors')
    const reason = new Error('enough')
    expect(await failure(loadChineseCLIP(folder, { signal: AbortSignal.abort(reason) }))).toBe(reason)
  })
})

const recorded = goldens('reranker')
const whole = /^(?!.*-of-).*\.(bin|safetensors|safetensors\.index\.json)$/
const weightFiles = recorded ? readdirSync(join(recorded, 'model')).filter(name => whole.test(name)) : []
describe.skipIf(!recorded)('the recorded model', () => {
  it.each(weightFiles)('chooses from %s what the original chooses', async file => {
    const clip = await loadChineseCLIP(join(recorded!, 'model'), { weights: join(recorded!, 'model', file) })
    const { sets } = JSON.parse(await readFile(join(recorded!, 'index.json'), 'utf8')) as {
      sets: { prompt: string; images: string[]; scores: number[]; chosen: number }[]
    }
    expect(sets.length).toBeGreaterThan(3)
    for (const { prompt, images, scores, chosen } of sets) {
      const open = async (name: string) => sharpCodec().decode(await readFile(join(recorded!, name)))
      const best = await clip.best(prompt, await Promise.all(images.map(open)))
      expect(best.index, prompt).toBe(chosen)
      scores.forEach((score, i) => {
        expect(Math.abs(best.scores[i]! - score), `${prompt} ${i}`).toBeLessThan(5e-3)
      })
    }
    await clip.dispose()
  })

  it('has its weights at hand', () => expect(weightFiles).not.toEqual([]))
})
