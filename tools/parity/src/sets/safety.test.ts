import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { editFile } from '../fixtures/edit-file.js'
import type { SetResult } from '../result.js'
import { runSafety } from './safety.js'

const parts = ['safety', 'full-size/safety_checker', 'full-size/text_checker']
/** In the repository, or beside it where the whole set is kept. */
const recorded = ['../../goldens/', '../../../../../shared/goldens/']
  .map(place => fileURLToPath(new URL(place, import.meta.url)))
  .find(place => parts.every(part => existsSync(`${place}${part}`)))
if (recorded === undefined) console.warn('SKIPPED: the recorded cases of safety are not at hand')

describe.skipIf(!recorded)('runSafety', () => {
  let goldens: string
  let results: Map<string, SetResult>
  const edit = (file: string, change: (text: string) => string) => editFile(join(goldens, file), change)

  beforeAll(async () => {
    goldens = await mkdtemp(join(tmpdir(), 'viscpm-safety-'))
    for (const part of parts) await cp(join(recorded!, part), join(goldens, part), { recursive: true, mode: 0 })
    await edit('safety/safety_index.json', text => {
      const index = JSON.parse(text)
      index.preprocess[0].file = 'images/img_05_224x224_RGB.png'
      index.preprocess[1].mean += 1e-3
      index.checker[3].concept_scores[4] += 0.002
      index.checker[5].special_care = [1]
      index.checker[12].result_is_black = false
      return JSON.stringify(index)
    })
    await edit('safety/prompts.jsonl', text => {
      const lines = text.trim().split('\n')
      const changed = (line: number, change: (prompt: Record<string, unknown>) => void) => {
        const prompt = JSON.parse(lines[line]!)
        change(prompt)
        lines[line] = JSON.stringify(prompt)
      }
      changed(0, prompt => {
        ;(prompt.input_ids as number[])[1]!++
      })
      changed(1, prompt => {
        prompt.unsafe = false
      })
      changed(2, prompt => (prompt.top_k_none as unknown[]).reverse())
      const tooLong = lines.findIndex(line => line.includes('"error"'))
      changed(tooLong, prompt => {
        ;(prompt.n_tokens as number)++
      })
      return lines.join('\n')
    })
    await edit('full-size/safety_checker/keys.json', text => text.replace('"concept_embeds"', '"concept_embedding"'))
    await edit('full-size/text_checker/keys.json', text => text.replace('"classifier.bias"', '"classifier.more"'))
    results = new Map((await runSafety(goldens)).map(result => [result.set, result]))
  }, 300_000)
  afterAll(() => rm(goldens, { recursive: true, force: true }))

  const prompts = [
    /ids off by 1 /,
    /unsafe off by 1 /,
    /: scores off by Infinity .*, with_windows off by Infinity /,
    /fails: ContextTooLongError: .* instead of an error about 514 tokens/,
    /n_tokens off by 1 /,
  ]
  const pictures = [/concept_scores off by 0\.002/, /special_care off by Infinity/, /result_is_black off by 1 /]
  it.each([
    ['safety/cropped', []],
    ['safety/pixels', [/img_05_224x224_RGB\.png: pixels off by/, /mean off by 0\.001/]],
    ['safety/tower', []],
    ['safety/model.safetensors checker', pictures],
    ['safety/pytorch_model.bin checker', pictures],
    ['safety/model.safetensors prompts', prompts],
    ['safety/pytorch_model.bin prompts', prompts],
    ['safety/full-size safety checker', [/missing key concept_embeds/]],
    ['safety/full-size prompt checker', [/missing key classifier\.bias/]],
  ])('%s names what differs', (set, failures) => {
    const result = results.get(set)!
    expect(result.failures).toEqual(failures.map(failure => expect.stringMatching(failure)))
    expect(result.cases - result.passed).toBe(failures.length)
  })
})
