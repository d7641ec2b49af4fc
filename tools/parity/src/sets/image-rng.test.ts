import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runImage } from './image.js'
import { runRng } from './rng.js'

const goldens = fileURLToPath(new URL('../../../../../shared/goldens', import.meta.url))
const present = existsSync(goldens)
if (!present) console.warn(`SKIPPED: no recorded cases in ${goldens}; core's own tests check its fixtures`)

describe.skipIf(!present)('shared goldens', () => {
  for (const run of [runImage, runRng])
    test(`${run.name}: every case passes`, async () => {
      for (const { set, cases, passed, failures } of await run(goldens)) {
        expect(failures, set).toEqual([])
        expect(passed, set).toBe(cases)
        expect(cases, set).toBeGreaterThan(9)
      }
    })
})
