import { describe, expect, it } from 'vitest'
import { defaultForm } from '../paint/form.js'
import { parsePreferences, preferences } from './preferences.js'

class FakeStorage extends Map<string, string> {
  getItem = (name: string): string | null => this.get(name) ?? null
  setItem = (name: string, value: string): void => void this.set(name, value)
}

const usual = { language: 'system', theme: 'system', place: undefined, decoding: 'greedy', form: defaultForm }

describe('preferences', () => {
  it('are kept', () => {
    const storage = new FakeStorage()
    preferences(storage).set({ language: 'zh', theme: 'dark', form: { ...defaultForm, prompt: '猫' } })
    expect(preferences(storage).state).toEqual({
      ...usual,
      language: 'zh',
      theme: 'dark',
      form: { ...defaultForm, prompt: '猫' },
    })
  })

  it('hold without a storage, and with a full one', () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError')
      },
    }
    for (const storage of [undefined, full]) {
      const store = preferences(storage)
      store.set({ theme: 'dark' })
      expect(store.state.theme).toBe('dark')
    }
  })

  it('are the usual ones where something else was kept', () => {
    expect(parsePreferences({ language: 'xx', theme: 7, place: 'moon', decoding: [], form: 'x' })).toEqual(usual)
    expect(preferences(new FakeStorage([['viscpm.preferences', '{broken']])).state).toEqual(usual)
  })
})
