import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runParity, setNames } from './run.js'

const recorded = fileURLToPath(new URL('../goldens', import.meta.url))
const more = fileURLToPath(new URL('../../../../shared/goldens', import.meta.url))

/** Sets whose models are too large to be kept here are read beside the repository, where they are there. */
const folderOf = (name: string): string | undefined => [recorded, more].find(folder => existsSync(join(folder, name)))

for (const name of setNames) if (!folderOf(name)) console.warn(`SKIPPED: the recorded cases of ${name} are not at hand`)

describe.each(setNames)('%s', name => {
  const folder = folderOf(name)
  it.skipIf(!folder)('equals the original in every recorded case', { timeout: 300_000 }, async () => {
    let cases = 0
    for await (const { set, cases: n, passed, failures } of runParity(folder!, [name])) {
      expect(failures, set).toEqual([])
      expect(passed, set).toBe(n)
      cases += n
    }
    expect(cases).toBeGreaterThan(9)
  })
})

// The real vocabulary is no part of this repository.
const present = existsSync(more)
if (!present) console.warn('SKIPPED: the cases with the real vocabulary are not at hand')

it.skipIf(!present).each(['tokenizer', 'packing'] as const)(
  '%s: equals the original with the real vocabulary',
  async name => {
    for await (const { set, cases, passed, failures } of runParity(more, [name])) {
      expect(failures, set).toEqual([])
      expect(passed, set).toBe(cases)
    }
  },
)
