import { isVisCPMError } from '@viscpm/core'
import { describe, expect, it } from 'vitest'
import { FakeModel, fakeBatch, hashed, tokens } from './fixtures/fake-model.js'
import { type DecodingOptions, decode, decodeStream } from './index.js'

const batch = fakeBatch([{ slots: [[2, 1]] }, { slots: [[4, 1]] }])
const ways: DecodingOptions[] = [
  { decoding: 'beam', beamSize: 3, maxLength: 6 },
  { decoding: 'greedy', maxLength: 6 },
  { decoding: 'sample', maxLength: 6, seed: 1 },
]

describe.each(ways)('decode with $decoding', way => {
  const options = { ...way, tokens }

  it('is stopped at every step by its signal, rejects with the reason, frees the cache and can run again', async () => {
    const whole = await decode(new FakeModel(50, hashed(50, 9)), batch, options)
    const steps = whole.reduce((sum, result) => sum + result.steps, 0)
    expect(steps).toBeGreaterThan(4)
    for (let at = 0; at < steps; at++) {
      const controller = new AbortController()
      const reason = new Error(`stop ${at}`)
      let taken = 0
      const model = new FakeModel(50, hashed(50, 9), () => {
        if (taken++ === at) controller.abort(reason)
      })
      await expect(decode(model, batch, { ...options, signal: controller.signal })).rejects.toBe(reason)
      expect(taken).toBe(at + 1)
      expect(model.live).toBe(0)
      expect(await decode(model, batch, options)).toEqual(whole)
    }
  })

  it('does not start when already aborted', async () => {
    const model = new FakeModel(50, hashed(50, 9))
    await expect(decode(model, batch, { ...options, signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect(model.prefills).toBe(0)
  })

  it('frees the cache when the reader leaves', async () => {
    const model = new FakeModel(50, hashed(50, 9))
    for await (const _ of decodeStream(model, batch, options)) break
    expect(model.live).toBe(0)
    expect(model.prefills).toBe(1)
  })

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
  ])('names sample and step of %s', async (_, value) => {
    const script = hashed(50, 9)
    const model = new FakeModel(50, (history, sample) => {
      const logits = Float32Array.from(script(history, sample))
      if (sample === 1 && history.length === 2) logits[7] = value
      return logits
    })
    const error = await decode(model, batch, options).catch(e => e)
    expect(isVisCPMError(error, 'NON_FINITE')).toBe(true)
    expect(error.message).toBe('the logits of sample 1, step 1 are not finite')
    expect(model.live).toBe(0)
  })

  it('frees the cache when the model fails', async () => {
    const model = new FakeModel(50, hashed(50, 9), step => {
      if (step === 2) throw new Error('out of memory')
    })
    await expect(decode(model, batch, options)).rejects.toThrow('out of memory')
    expect(model.live).toBe(0)
  })

  it('reports progress', async () => {
    const seen: string[] = []
    await decode(new FakeModel(50, hashed(50, 9)), batch, {
      ...options,
      onProgress: p => seen.push(`${p.phase} ${p.done}/${p.total}`),
    })
    expect(seen[0]).toBe(way.decoding === 'beam' ? 'decode 1/8' : 'decode 1/6')
  })
})

it('refuses logits of another width', async () => {
  const model = new FakeModel(50, hashed(50, 9))
  const lying = { vocabSize: 49, prefill: model.prefill.bind(model) }
  await expect(decode(lying, batch, { tokens, decoding: 'greedy' })).rejects.toThrow(/logits \[1, 50\].*\[1, 49\]/)
})

it('refuses an unknown way of decoding', async () => {
  const options = { tokens, decoding: 'best' } as never
  await expect(decode(new FakeModel(50, hashed(50, 9)), batch, options)).rejects.toThrow(/^decoding: must be 'beam'/)
})
