import { describe, expect, it } from 'vitest'
import { defaultForm, formOf, isSeed, parseForm, randomSeed, settingsOf } from './form.js'

describe('seeds', () => {
  it.each([
    ['0', true],
    ['18446744073709551615', true],
    ['18446744073709551616', false],
    ['-1', false],
    ['1.5', false],
    ['', false],
    ['1e3', false],
  ])('%s: %s', (text, is) => expect(isSeed(text)).toBe(is))

  it('are drawn anew unless they are kept', () => {
    const form = { ...defaultForm, prompt: 'a', seed: '42' }
    expect(settingsOf({ ...form, seedLocked: true }, false).seed).toBe('42')
    const drawn = settingsOf(form, false).seed!
    expect(isSeed(drawn)).toBe(true)
    expect(isSeed(randomSeed())).toBe(true)
  })
})

describe('settings', () => {
  it('leave to the model what was not chosen', () => {
    const settings = settingsOf({ ...defaultForm, prompt: ' a cat ', negativePrompt: ' dogs', steps: 20 }, false)
    expect(settings).toEqual({ prompt: 'a cat', negativePrompt: 'dogs', seed: expect.any(String), steps: 20 })
  })

  it('have a strength only with a picture', () => {
    expect(settingsOf({ ...defaultForm, strength: 0.3 }, false)).not.toHaveProperty('strength')
    expect(settingsOf({ ...defaultForm, strength: 0.3 }, true)).toMatchObject({ strength: 0.3 })
  })

  it('of a picture fill the form so that it paints the same', () => {
    const form = {
      ...defaultForm,
      prompt: 'a cat',
      negativePrompt: 'dogs',
      seed: '7',
      seedLocked: true,
      steps: 20,
      guidanceScale: 4,
      scheduler: 'DDIMScheduler',
      width: 64,
      height: 48,
      candidates: 2,
    }
    expect(formOf(settingsOf(form, false))).toEqual(form)
  })
})

describe('parseForm', () => {
  it('reads what was kept', () => {
    const form = { ...defaultForm, prompt: 'a cat', seed: '7', seedLocked: true, steps: 20 }
    expect(parseForm(JSON.parse(JSON.stringify(form)))).toEqual(form)
  })

  it.each([undefined, null, 'form', 7])('knows that %j is none', kept => expect(parseForm(kept)).toBeUndefined())

  it('takes nothing that is of another kind', () => {
    expect(parseForm({ prompt: 7, steps: '20', guidanceScale: null, seed: 'x', seedLocked: true })).toEqual({
      ...defaultForm,
      seed: 'x',
    })
  })
})
