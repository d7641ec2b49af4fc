import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Tensor, tensor } from '@viscpm/core'
import { openAtomicSink, openCheckpoint, openFile } from '@viscpm/core/node'
import { memoryWeights, openWeights, writeSafetensors } from '@viscpm/core/weights'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fixtures, modelFolder, recordedModel } from '../fixtures/load.js'
import { loadCpmBee, loadImage, VisCPMChat } from './index.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-chat-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function failure(promise: Promise<unknown>): Promise<Error & { code?: string; hint?: string }> {
  return promise.then(
    () => {
      throw new Error('did not fail')
    },
    error => error,
  )
}

const given = { vocabulary: join(modelFolder, 'bee.txt'), config: join(modelFolder, 'config.json') }

/** The recorded weights, changed by `edit`, as a safetensors file. */
async function changed(edit: (tensors: Map<string, Tensor>) => void): Promise<string> {
  const source = await openCheckpoint(recordedModel)
  const tensors = new Map<string, Tensor>()
  for (const key of source.keys()) tensors.set(key, await source.read(key))
  await source.close()
  edit(tensors)
  const file = join(folder, 'model.safetensors')
  await writeSafetensors(await openAtomicSink(file), memoryWeights(Object.fromEntries(tensors)))
  return file
}

describe('load', () => {
  it('takes a folder', async () => {
    await changed(() => {})
    for (const name of ['bee.txt', 'config.json']) await copyFile(join(modelFolder, name), join(folder, name))
    const chat = await VisCPMChat.load(folder)
    expect(chat.languages).toEqual(['zh', 'en'])
    expect(chat.defaults).toMatchObject({ decoding: 'beam', beamSize: 3, lengthPenalty: 3 })
    await chat.dispose()
  })

  it("takes the model's own decoding defaults", async () => {
    await changed(() => {})
    for (const name of ['bee.txt', 'config.json']) await copyFile(join(modelFolder, name), join(folder, name))
    await writeFile(join(folder, 'generation_config.json'), '{"num_beams": 1, "max_new_tokens": 9}')
    const chat = await VisCPMChat.load(folder)
    expect(chat.defaults).toMatchObject({ decoding: 'greedy', maxNewTokens: 9 })
    await chat.dispose()
  })

  it('names a file that is not there', async () => {
    const failed = await failure(VisCPMChat.load('nowhere.pt'))
    expect(failed).toMatchObject({ code: 'FILE_NOT_FOUND', file: 'nowhere.pt' })
  })

  it('says how to give the vocabulary that is missing', async () => {
    const file = await changed(() => {})
    const failed = await failure(VisCPMChat.load(file))
    expect(failed).toMatchObject({ code: 'VOCABULARY' })
    expect(failed.hint).toContain('--vocab')
  })

  it('refuses the vocabulary of another model', async () => {
    const file = join(folder, 'short.txt')
    const lines = (await readFile(given.vocabulary, 'utf8')).split('\n')
    await writeFile(file, lines.slice(0, -1).join('\n'))
    expect(await failure(VisCPMChat.load(recordedModel, { vocabulary: file }))).toMatchObject({ code: 'VOCABULARY' })
  })

  it('refuses a checkpoint of another kind', async () => {
    const file = await changed(tensors => {
      for (const key of tensors.keys()) if (!key.startsWith('llm.')) tensors.delete(key)
    })
    expect(await failure(VisCPMChat.load(file, given))).toMatchObject({ code: 'FILE_FORMAT' })
  })

  it('refuses a missing, an unexpected and a misshapen key by name', async () => {
    const missing = await changed(tensors => tensors.delete('llm.encoder.output_layernorm.weight'))
    expect((await failure(VisCPMChat.load(missing, given))).message).toContain('llm.encoder.output_layernorm.weight')
    const extra = await changed(tensors => tensors.set('vpm.beit3.extra', tensor('float32', Float32Array.of(1), [1])))
    expect(await failure(VisCPMChat.load(extra, given))).toMatchObject({
      code: 'UNEXPECTED_KEY',
      keys: ['vpm.beit3.extra'],
    })
    const shaped = await changed(tensors => tensors.set('query', tensor('float32', new Float32Array(6), [2, 3])))
    expect(await failure(VisCPMChat.load(shaped, given))).toMatchObject({ code: 'WRONG_SHAPE', key: 'query' })
  })

  it('answers NaN weights with a typed error, not with text', async () => {
    const file = await changed(tensors => {
      const norm = tensors.get('llm.encoder.output_layernorm.weight')!
      ;(norm.data as Uint16Array).fill(0x7e00)
    })
    const chat = await VisCPMChat.load(file, given)
    const image = { width: 2, height: 2, data: new Uint8Array(12) }
    expect(await failure(chat.ask(image, 'what?'))).toMatchObject({ code: 'NON_FINITE' })
    await chat.dispose()
  })

  it('asks for a configuration when the sizes are not the published ones', async () => {
    const file = await changed(() => {})
    const failed = await failure(VisCPMChat.load(file, { vocabulary: given.vocabulary }))
    expect(failed.hint).toMatch(/--config|config\.json/)
  })

  it('takes keys that a data-parallel wrapper prefixed', async () => {
    const file = await changed(tensors => {
      for (const [key, value] of [...tensors]) {
        tensors.delete(key)
        tensors.set(`module.${key}`, value)
      }
    })
    const chat = await VisCPMChat.load(file, given)
    await chat.dispose()
  })

  it('stops when aborted', async () => {
    const signal = AbortSignal.abort(new Error('no'))
    expect(await failure(VisCPMChat.load(recordedModel, { signal }))).toMatchObject({ message: 'no' })
  })
})

it('loads the language model alone, for text tasks', async () => {
  const bee = await loadCpmBee(recordedModel)
  const { answer } = await bee.run({ input: 'a tree', '<ans>': '' }, { decoding: 'greedy', maxLength: 5 })
  expect(typeof answer).toBe('string')
  await bee.dispose()
})

describe('loadImage', () => {
  it('reads paths and bytes alike', async () => {
    const path = join(fixtures, 'images', 'text.png')
    const fromPath = await loadImage(path)
    expect(await loadImage(await readFile(path))).toEqual(fromPath)
    expect(fromPath.data).toHaveLength(fromPath.width * fromPath.height * 3)
  })

  it('names what is missing, a folder, or no picture', async () => {
    expect(await failure(loadImage(join(folder, 'none.png')))).toMatchObject({ code: 'FILE_NOT_FOUND' })
    expect(await failure(loadImage(folder))).toMatchObject({ code: 'FILE_NOT_FOUND' })
    const text = join(folder, 'text.png')
    await writeFile(text, 'hello')
    expect((await failure(loadImage(text))).message).toContain('text.png')
  })
})

it('opens weights from any source of bytes', async () => {
  const bytes = await openFile(recordedModel)
  const source = await openWeights(bytes)
  expect(source.has('query')).toBe(true)
  await source.close()
})
