import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { editFile } from '../fixtures/edit-file.js'
import type { SetResult } from '../result.js'
import { runReranker } from './reranker.js'

const recorded = fileURLToPath(new URL('../../goldens', import.meta.url))

describe('runReranker', () => {
  let goldens: string
  let results: Map<string, SetResult>
  const edit = (file: string, change: (text: string) => string) => editFile(join(goldens, file), change)

  beforeAll(async () => {
    goldens = await mkdtemp(join(tmpdir(), 'viscpm-reranker-'))
    for (const part of ['reranker', 'full-size/chinese_clip'])
      await cp(join(recorded, part), join(goldens, part), { recursive: true, mode: 0 })
    await edit('reranker/tokenizer.jsonl', text => text.replace('[101, 671, 702,', '[101, 671, 703,'))
    await edit('reranker/index.json', text => {
      const index = JSON.parse(text)
      index.sets[1].chosen = 2
      index.sets[2].scores[3] += 0.01
      index.preprocess[0].file = 'images/pre_03_41x97.png'
      return JSON.stringify(index)
    })
    await edit('full-size/chinese_clip/keys.json', text => text.replace('"logit_scale"', '"logit_bias"'))
    results = new Map((await runReranker(goldens)).map(result => [result.set, result]))
  })
  afterAll(() => rm(goldens, { recursive: true, force: true }))

  it.each([
    ['reranker/tokens', [/^"一个杯子": ids off by 1 /]],
    ['reranker/pixels', [/pre_03_41x97\.png: pixels off by/]],
    [
      'reranker/model.safetensors.index.json scores',
      [/^set03: chosen off by 1 /, /^set06: scores off by 0\.0\d+ \(limit 0\.005\)$/],
    ],
    ['reranker/model.safetensors.index.json embeddings', []],
    ['reranker/full-size keys', [/missing key logit_scale/]],
  ])('%s names what differs', (set, failures) => {
    const result = results.get(set)!
    expect(result.failures).toEqual(failures.map(failure => expect.stringMatching(failure)))
    expect(result.cases - result.passed).toBe(failures.length)
  })
})
