import { join } from 'node:path'
import type { SetResult } from '../result.js'
import { compareSafetyKeys } from './safety-keys.js'
import { compareSafetyPictures } from './safety-pictures.js'
import { compareSafetyPrompts } from './safety-prompts.js'

/** Everything under `safety/`, and the published checkers' lists of keys. */
export async function runSafety(goldens: string): Promise<SetResult[]> {
  const folder = join(goldens, 'safety')
  return [
    ...(await compareSafetyPictures(folder)),
    ...(await compareSafetyPrompts(folder)),
    ...(await compareSafetyKeys(goldens)),
  ]
}
