import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runPacking } from './packing.js'
import { runTokenizer } from './tokenizer.js'

const fixtures = fileURLToPath(new URL('../../../../packages/tokenizer/src/fixtures', import.meta.url))
const goldens = fileURLToPath(new URL('../../../../../shared/goldens', import.meta.url))

for (const folder of [fixtures, goldens]) {
  const present = existsSync(folder)
  if (!present) console.warn(`SKIPPED: no recorded cases in ${folder}; the real vocabulary is not checked here`)
  describe.skipIf(!present)(folder === fixtures ? 'fixtures' : 'shared goldens', () => {
    for (const run of [runTokenizer, runPacking]) {
      test(`${run.name}: every case is exact`, async () => {
        const results = await run(folder)
        for (const { set, cases, passed, failures } of results) {
          expect(failures, set).toEqual([])
          expect(passed, set).toBe(cases)
          expect(cases, set).toBeGreaterThan(0)
        }
        expect(results.length).toBeGreaterThan(0)
      })
    }
  })
}
