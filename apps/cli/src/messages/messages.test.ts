import { describe, expect, it } from 'vitest'
import { messagesOf } from './index.js'

type Tree = { readonly [key: string]: unknown }

/** Every text with its path; texts with gaps are filled with numbered stand-ins. */
function texts(tree: Tree, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    const at = path ? `${path}.${key}` : key
    if (typeof value === 'string') found.set(at, value)
    else if (typeof value === 'function') {
      const gaps = Array.from({ length: value.length }, (_, i) => `‹${i}›`)
      found.set(at, String((value as (...args: string[]) => string)(...gaps)))
    } else for (const [inner, text] of texts(value as Tree, at)) found.set(inner, text)
  }
  return found
}

const en = texts(messagesOf('en') as unknown as Tree)
const zh = texts(messagesOf('zh') as unknown as Tree)

/** Texts that are the same in any language, and those where a language does not say all it is told. */
const sameInBoth = new Set(['errors.library', 'safety.covered', 'safety.separator'])

describe('the messages', () => {
  it('are many, and the same in both languages', () => {
    expect(en.size).toBeGreaterThan(200)
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort())
  })

  it.each([...en.keys()])('%s', path => {
    const [english, chinese] = [en.get(path)!, zh.get(path)!]
    expect(english.trim()).not.toBe('')
    expect(chinese.trim()).not.toBe('')
    if (sameInBoth.has(path)) return
    // Chinese says it in Chinese, English does not; examples hold both.
    expect(chinese).toMatch(/\p{Script=Han}/u)
    if (!path.endsWith('Examples')) expect(english).not.toMatch(/\p{Script=Han}/u)
    // What is put in is shown in both, each once.
    const gaps = (text: string) => (text.match(/‹\d›/g) ?? []).sort()
    expect(gaps(chinese)).toEqual(gaps(english))
  })
})
