import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import { CpmBeeTokenizer } from '@viscpm/tokenizer'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { parseCpmBeeConfig } from '../config.js'
import { goldens } from '../fixtures/goldens.js'
import { CpmBeeModel } from '../model/model.js'
import { CpmBeeTextEncoder, packPrompts } from './index.js'

const recorded = goldens('paint')

describe.skipIf(!recorded)('the text encoder of paint', () => {
  let model: CpmBeeModel
  let tokenizer: CpmBeeTokenizer
  const file = (name: string) => join(recorded!, name)
  beforeAll(async () => {
    const weights = await openCheckpoint(file('viscpm_paint_tiny.pt'))
    const config = parseCpmBeeConfig(JSON.parse(readFileSync(file('config/cpm-bee-tiny.json'), 'utf8')))
    model = await CpmBeeModel.load({ weights, config, prefix: 'llm.', backend: onnxruntimeNode(), threads: 1 })
    await weights.close()
    tokenizer = CpmBeeTokenizer.fromVocabulary(readFileSync(file('tokenizer/vocabs/bee.txt')))
  })
  afterAll(() => model?.dispose())

  it.each([
    ['p01_zh_5step', '人闲桂花落，月静春山空', ''],
    ['p02_neg_longer', 'a cat', '低质量，模糊，变形的手，水印，低质量，模糊，变形的手，水印'],
    ['p10_1step', '<<hello>> world <mask>', ''],
  ])('gives the hidden states of %s, padding rows included', async (name, prompt, negativePrompt) => {
    const states = await openCheckpoint(file(`${name}.safetensors`))
    const encoded = await new CpmBeeTextEncoder({ model, tokenizer }).encode(
      { prompt, negativePrompt },
      { syntax: 'raw' },
    )
    expect(encoded.lengths[0]).not.toBe(encoded.lengths[1])
    for (const [ours, key] of [
      [encoded.prompt, 'text_hidden_states'],
      [encoded.negativePrompt, 'uncond_text_hidden_states'],
    ] as const) {
      const theirs = await states.read(key)
      expect(ours.shape).toEqual(theirs.shape)
      const worst = Math.max(...ours.data.map((v, i) => Math.abs(v - (theirs.data as Float32Array)[i]!)))
      expect(worst).toBeLessThan(1e-4)
    }
    await states.close()
  })

  it('computes the empty prompt once per padded length', async () => {
    const forward = vi.spyOn(model, 'forward')
    const encoder = new CpmBeeTextEncoder({ model, tokenizer })
    const first = await encoder.encode({ prompt: 'a cat' })
    const again = await encoder.encode({ prompt: 'a dog' })
    const longer = await encoder.encode({ prompt: 'a very large cat' })
    expect(forward.mock.calls.map(([input]) => input.batch)).toEqual([2, 1, 2])
    expect(again.negativePrompt).toBe(first.negativePrompt)
    expect(again.prompt.data).not.toEqual(first.prompt.data)
    expect(longer.negativePrompt.shape[1]).toBeGreaterThan(first.negativePrompt.shape[1]!)
    // Rows computed alone or together may differ by rounding only.
    const fresh = await new CpmBeeTextEncoder({ model, tokenizer, kept: 0 }).encode({ prompt: 'a dog' })
    expect(Math.max(...fresh.prompt.data.map((v, i) => Math.abs(v - again.prompt.data[i]!)))).toBeLessThan(1e-5)
    forward.mockRestore()
  })

  it('takes typed text as text, and raw syntax only where asked', () => {
    const ids = (prompt: string, syntax?: 'raw') => [
      ...packPrompts(tokenizer, { prompt }, syntax ? { syntax } : {}).batch.inputIds.slice(0, 14),
    ]
    expect(ids('<mask>', 'raw')).toContain(2)
    expect(ids('<mask>')).not.toContain(2)
    expect(() => packPrompts(tokenizer, { prompt: 'a < b' }, { syntax: 'raw' })).toThrow(
      expect.objectContaining({ code: 'TOKENIZER' }),
    )
    expect(packPrompts(tokenizer, { prompt: 'a < b' }).batch.inputIds).toEqual(
      packPrompts(tokenizer, { prompt: 'a << b' }, { syntax: 'raw' }).batch.inputIds,
    )
  })

  it('refuses what is too long before any model runs, and names it', () => {
    const long = '猫'.repeat(10_000)
    for (const pair of [{ prompt: long }, { prompt: '', negativePrompt: long }, { prompt: 'x'.repeat(10_000_000) }])
      expect(() => packPrompts(tokenizer, pair)).toThrow(
        expect.objectContaining({
          code: 'CONTEXT_TOO_LONG',
          limit: 1024,
          message: expect.stringMatching(/^\w*rompt: /),
        }),
      )
    expect(() => packPrompts(tokenizer, { prompt: 5 as never })).toThrow(/prompt: must be a string/)
    expect(() => packPrompts(tokenizer, { prompt: '' }, { syntax: 'html' as never })).toThrow(/syntax/)
  })

  it('does nothing when aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(new CpmBeeTextEncoder({ model, tokenizer }).encode({ prompt: '' }, { signal })).rejects.toThrow(
      'enough',
    )
  })
})
