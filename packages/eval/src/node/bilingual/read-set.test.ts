import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Lexicon } from '../../bilingual/index.js'
import { sharedFacts } from '../../bilingual/lexicon/meaning.js'
import { readLexicon, readPairs } from './read-set.js'

const root = fileURLToPath(new URL('../../../../../', import.meta.url))

describe('readPairs', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'viscpm-pairs-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('finds pictures beside the file', async () => {
    const file = join(folder, 'pairs.jsonl')
    await writeFile(file, '{"type":"question","id":"a","picture":"a.png","en":"What?","zh":"什么？"}\n')
    await expect(readPairs(file)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', file: join(folder, 'a.png') })
    await writeFile(join(folder, 'a.png'), '')
    expect((await readPairs(file)).questions[0]!.picture).toBe(join(folder, 'a.png'))
  })

  it('says which file is missing', async () => {
    const file = join(folder, 'nothing.jsonl')
    await expect(readPairs(file)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', file })
    await expect(readLexicon(file)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', file })
  })
})

describe("the embedded model's pairs", () => {
  const file = join(root, 'packages/tiny/eval/bilingual.jsonl')
  const names = join(dirname(file), 'names.jsonl')

  it('are dozens, and every side of a pair says the same', async () => {
    const { prompts, questions, texts } = await readPairs(file)
    expect([prompts.length, questions.length, texts.length]).toEqual([36, 58, 20])
    const lexicon = new Lexicon(await readLexicon(names))
    const said = (text: string, language: 'en' | 'zh') => lexicon.facts(text, language).map(names => [...names])
    for (const { id, en, zh } of prompts) {
      const [a, b] = [said(en, 'en'), said(zh, 'zh')]
      expect(a, id).toHaveLength(b.length)
      for (const fact of a)
        expect(
          b.some(other => other.some(name => fact.includes(name))),
          `${id} ${fact}`,
        ).toBe(true)
    }
    expect(new Set(prompts.map(({ zh }) => zh)).size).toBe(prompts.length)
  })

  it('have names for the whole world the model was trained on', async () => {
    const world = JSON.parse(await readFile(join(root, 'tools/train-tiny/world.json'), 'utf8')) as {
      things: { id: string; en: string; np: string; zh: string; measure: string }[]
    }
    const lexicon = new Lexicon(await readLexicon(names))
    for (const { id, en, np, zh, measure } of world.things) {
      const answers = [lexicon.facts(`It is ${np}.`, 'en'), lexicon.facts(`这是一${measure}${zh}。`, 'zh')] as const
      expect(sharedFacts(...answers), `${np} 一${measure}${zh}`).toBe(1) // 面 is noodles, and counts mirrors
      const both = [lexicon.facts(en, 'en'), lexicon.facts(zh, 'zh')].map(facts => facts.flat())
      for (const found of both) expect(found, `${en} ${zh}`).toContain(`thing:${id}`)
    }
  })
})
