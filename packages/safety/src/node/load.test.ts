import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Tensor } from '@viscpm/core'
import { openAtomicSink, sharpCodec } from '@viscpm/core/node'
import { memoryWeights, writeSafetensors } from '@viscpm/core/weights'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { goldens } from '../fixtures/goldens.js'
import {
  bertJson,
  bertTensors,
  drawn,
  failure,
  safetyCheckerJson,
  safetyCheckerTensors,
  smallBert,
  smallSafetyChecker,
  vocabulary,
} from '../fixtures/small-models.js'
import { loadBertPromptChecker, loadStableDiffusionSafetyChecker } from './index.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-safety-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const write = (name: string, content: unknown) =>
  writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
const writeWeights = async (name: string, tensors: Map<string, Tensor>) =>
  writeSafetensors(await openAtomicSink(join(folder, name)), memoryWeights(tensors))
const sha256 = async (...files: string[]) => {
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(join(folder, file)))
  return hash.digest('hex')
}

describe('loadStableDiffusionSafetyChecker', () => {
  const picture = drawn(1)
  beforeEach(() => write('config.json', safetyCheckerJson))
  const concepts = async (options = {}) => {
    const checker = await loadStableDiffusionSafetyChecker(folder, options)
    const found = await checker.analyze(picture)
    const { modelHash } = await checker.check(picture)
    await checker.dispose()
    return { cosines: found.conceptCosines, modelHash }
  }
  const expected = async () => {
    const checker = await smallSafetyChecker()
    const { conceptCosines } = await checker.analyze(picture)
    await checker.dispose()
    return conceptCosines
  }

  it('takes a folder of config and weights, and says which weights', async () => {
    await writeWeights('model.safetensors', safetyCheckerTensors())
    const { cosines, modelHash } = await concepts()
    expect(cosines).toEqual(await expected())
    expect(modelHash).toBe(await sha256('model.safetensors'))
  })

  it('takes weights in several files', async () => {
    const files = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']
    const entries = [...safetyCheckerTensors()]
    const parts = [entries.slice(0, 9), entries.slice(9)]
    for (const [i, part] of parts.entries()) await writeWeights(files[i]!, new Map(part))
    const weight_map = Object.fromEntries(parts.flatMap((part, i) => part.map(([key]) => [key, files[i]])))
    await write('model.safetensors.index.json', { weight_map })
    const { cosines, modelHash } = await concepts()
    expect(cosines).toEqual(await expected())
    expect(modelHash).toBe(await sha256(...files))
  })

  it('scales pictures as the folder, or feature_extractor beside it, says', async () => {
    await writeWeights('other.safetensors', safetyCheckerTensors())
    const weights = join(folder, 'other.safetensors')
    const usual = await concepts({ weights })
    await write('preprocessor_config.json', { size: 48, crop_size: 32 })
    const larger = await concepts({ weights })
    expect(larger.cosines).not.toEqual(usual.cosines)
    await rm(join(folder, 'preprocessor_config.json'))

    const whole = join(folder, 'pipeline')
    await mkdir(join(whole, 'feature_extractor'), { recursive: true })
    await mkdir(join(whole, 'safety_checker'))
    await cp(join(folder, 'config.json'), join(whole, 'safety_checker/config.json'))
    await cp(weights, join(whole, 'safety_checker/model.safetensors'))
    await writeFile(join(whole, 'feature_extractor/preprocessor_config.json'), '{"size": 48, "crop_size": 32}')
    const checker = await loadStableDiffusionSafetyChecker(join(whole, 'safety_checker'))
    expect((await checker.analyze(picture)).conceptCosines).toEqual(larger.cosines)
    await checker.dispose()
  })

  it.each([
    ['config.json', { ...safetyCheckerJson, model_type: 'bert' }, 'model_type'],
    ['preprocessor_config.json', { size: 32, crop_size: 48 }, 'crop_size'],
  ])('names %s and the field when one is wrong', async (name, content, field) => {
    await write(name, content)
    const error = await failure(loadStableDiffusionSafetyChecker(folder))
    expect(error).toMatchObject({ code: 'CONFIG', field })
    expect(error.message).toContain(join(folder, name))
  })

  it('misses what is missing, and refuses damaged weights', async () => {
    expect(await failure(loadStableDiffusionSafetyChecker(folder))).toMatchObject({ code: 'FILE_NOT_FOUND' })
    await writeWeights('model.safetensors', safetyCheckerTensors())
    const bytes = await readFile(join(folder, 'model.safetensors'))
    await writeFile(join(folder, 'model.safetensors'), bytes.subarray(0, bytes.length - 100))
    expect(await failure(loadStableDiffusionSafetyChecker(folder))).toMatchObject({ code: 'FILE_FORMAT' })
    await rm(join(folder, 'config.json'))
    expect(await failure(loadStableDiffusionSafetyChecker(folder))).toMatchObject({
      code: 'FILE_NOT_FOUND',
      file: join(folder, 'config.json'),
    })
    expect(await failure(loadStableDiffusionSafetyChecker(join(folder, 'nowhere')))).toMatchObject({
      code: 'FILE_NOT_FOUND',
      file: join(folder, 'nowhere'),
    })
  })

  it('does not load when aborted', async () => {
    const reason = new Error('enough')
    expect(await failure(loadStableDiffusionSafetyChecker(folder, { signal: AbortSignal.abort(reason) }))).toBe(reason)
  })
})

describe('loadBertPromptChecker', () => {
  beforeEach(async () => {
    await write('config.json', bertJson)
    await write('vocab.txt', vocabulary)
  })

  it("takes transformers' folder, and its options", async () => {
    await writeWeights('model.safetensors', bertTensors())
    await write('tokenizer_config.json', { do_lower_case: false })
    const [small, loaded] = [await smallBert(), await loadBertPromptChecker(folder, { threshold: 0.1, name: 'mine' })]
    expect(await loaded.classify('红色的猫')).toEqual(await small.classify('红色的猫'))
    expect(await loaded.classify('CAT')).not.toEqual(await small.classify('CAT'))
    expect(await loaded.check('cat')).toMatchObject({
      checker: 'mine',
      threshold: 0.1,
      modelHash: await sha256('model.safetensors'),
    })
    await Promise.all([small.dispose(), loaded.dispose()])
  })

  it.each([
    ['config.json', { ...bertJson, model_type: 'gpt2' }, 'model_type'],
    ['tokenizer_config.json', { tokenizer_class: 'CLIPTokenizer' }, 'tokenizer_class'],
  ])('names %s and the field when one is wrong', async (name, content, field) => {
    await write(name, content)
    const error = await failure(loadBertPromptChecker(folder))
    expect(error).toMatchObject({ code: 'CONFIG', field })
    expect(error.message).toContain(join(folder, name))
  })

  it.each(['config.json', 'vocab.txt'])('misses %s', async name => {
    await rm(join(folder, name))
    expect(await failure(loadBertPromptChecker(folder))).toMatchObject({
      code: 'FILE_NOT_FOUND',
      file: join(folder, name),
    })
  })

  it('refuses another vocabulary', async () => {
    await writeWeights('model.safetensors', bertTensors())
    await write('vocab.txt', 'the\nwrong\nfile')
    expect(await failure(loadBertPromptChecker(folder))).toMatchObject({ code: 'VOCABULARY' })
  })

  it('does not load when aborted', async () => {
    const reason = new Error('enough')
    expect(await failure(loadBertPromptChecker(folder, { signal: AbortSignal.abort(reason) }))).toBe(reason)
  })
})

const recorded = goldens('safety')
describe.skipIf(!recorded)('the recorded models', () => {
  it.each(['model.safetensors', 'pytorch_model.bin'])('%s decides about pictures as the original', async file => {
    const at = join(recorded!, 'safety_checker')
    const checker = await loadStableDiffusionSafetyChecker(at, { weights: join(at, file) })
    const index = JSON.parse(await readFile(join(recorded!, 'safety_index.json'), 'utf8'))
    for (const { file: name, has_nsfw, bad_concepts } of index.checker.slice(0, 14)) {
      const picture = await sharpCodec().decode(await readFile(join(dirname(at), name)))
      const { decision, category } = await checker.check(picture)
      expect([name, decision, category]).toEqual([
        name,
        has_nsfw ? 'block' : 'allow',
        has_nsfw ? `concept ${bad_concepts[0]}` : undefined,
      ])
    }
    await checker.dispose()
  })

  it.each(['model.safetensors', 'pytorch_model.bin'])('%s decides about prompts as the original', async file => {
    const at = join(recorded!, 'text_checker')
    const checker = await loadBertPromptChecker(at, { weights: join(at, file) })
    const lines = (await readFile(join(recorded!, 'prompts.jsonl'), 'utf8')).trim().split('\n').slice(0, 40)
    const decisions = new Set<string>()
    for (const line of lines) {
      const { text, unsafe } = JSON.parse(line) as { text: string; unsafe: boolean }
      const { decision } = await checker.check(text)
      expect([text, decision]).toEqual([text, unsafe ? 'block' : 'allow'])
      decisions.add(decision)
    }
    expect(decisions.size).toBe(2)
    await checker.dispose()
  })
})
