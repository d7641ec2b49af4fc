import hkToT from 'opencc-js/dict/HKVariantsRev'
import tToS from 'opencc-js/dict/TSCharacters'
import twToT from 'opencc-js/dict/TWVariantsRev'
import { expect, it } from 'vitest'
import { simplified } from './traditional.js'

/** Character pairs of OpenCC: `from to1 to2|...`. */
const pairs = (dictionary: string): [string, string][] =>
  dictionary.split('|').map(entry => entry.split(' ') as [string, string])

function expectedTable(): Map<string, string> {
  const map = new Map(pairs(tToS).map(([from, to]) => [from, to] as const))
  for (const [variant, standard] of [...pairs(twToT), ...pairs(hkToT)]) {
    const to = map.get(standard) ?? standard
    // A variant that is simplified already stays as it is.
    if (!map.has(variant) && to !== variant) map.set(variant, to)
  }
  return new Map([...map].filter(([from, to]) => from !== to))
}

function moduleText(): string {
  const groups = new Map<string, string>()
  for (const [from, to] of expectedTable()) groups.set(to, (groups.get(to) ?? to) + from)
  const table = [...groups.values()].join(' ')
  return `/**
 * Traditional characters and variants behind the simplified one that each of them becomes, in groups. Generated from OpenCC's
 * tables (TSCharacters, TWVariants, HKVariants; Apache-2.0) by the test of this folder: \`vitest -u\` writes it anew.
 */
export const traditionalTable =
  '${table}'
`
}

it('is what OpenCC says of single characters', async () => {
  await expect(moduleText()).toMatchFileSnapshot('./traditional-table.ts')
})

it.each([
  ['雞', '鸡'],
  ['陰', '阴'],
  ['姦', '奸'],
  ['賤', '贱'],
  ['爛', '烂'],
  ['説', '说'],
  ['說', '说'],
  ['體', '体'],
])('%s becomes %s', (from, to) => {
  expect(simplified.get(from.codePointAt(0)!)).toBe(to.codePointAt(0)!)
})

it('leaves simplified characters alone', () => {
  for (const character of '鸡阴奸贱烂说体中文的一是了') expect(simplified.has(character.codePointAt(0)!)).toBe(false)
})
