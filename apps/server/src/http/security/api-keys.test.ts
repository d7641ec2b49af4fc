import { describe, expect, it } from 'vitest'
import { ApiKeys } from './api-keys.js'

const [one, two] = ['k'.repeat(16), 'sk-0123456789abcdef']

describe('API keys', () => {
  it('have names, comments between them, and an end', () => {
    const keys = ApiKeys.parse(`# ours\nann ${one}\n\n  bob ${two} until=2030-01-31\r\n`, 'keys')
    expect(keys.names).toEqual(['ann', 'bob'])
    expect(keys.ownerOf(one)).toBe('ann')
    expect(keys.ownerOf(two, Date.parse('2030-01-31T20:00:00Z'))).toBe('bob')
    expect(keys.ownerOf(two, Date.parse('2030-02-01T00:00:00Z'))).toBeUndefined()
    for (const wrong of ['', 'k'.repeat(15), `${one} `, one.toUpperCase(), `${one}k`])
      expect(keys.ownerOf(wrong)).toBeUndefined()
    expect(JSON.stringify(keys)).not.toContain(one)
  })

  it.each([
    ['', 'holds no key'],
    ['ann short', 'no key'],
    [`ann ${one}\nann ${two}`, "line 2: names 'ann' again"],
    [`ann ${one}\nbob ${one}`, 'another line has'],
    [`ann ${one} until=soon`, 'no date'],
    [`ann ${one} until=2030-99-99`, 'that is none'],
    [`ann ${one} until=2030-01-01 more`, 'too many'],
    [`anonymous ${one}`, 'no name'],
    [`../ann ${one}`, 'no name'],
  ])('refuse %j', (text, message) => {
    expect(() => ApiKeys.parse(text, 'keys')).toThrow(message)
  })
})
