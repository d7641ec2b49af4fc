import { join } from 'node:path'
import {
  buildBertClassifierGraph,
  buildSafetyCheckerGraph,
  parseBertClassifierConfig,
  parseSafetyCheckerConfig,
  safetyConceptKeys,
} from '@viscpm/safety'
import type { SetResult } from '../result.js'
import { compareFullSizeKeys } from './full-size.js'

/** The published checkers' keys. */
export async function compareSafetyKeys(goldens: string): Promise<SetResult[]> {
  const names = (initializers: readonly { readonly name: string }[]) => initializers.map(({ name }) => name)
  return [
    await compareFullSizeKeys(
      'safety/full-size safety checker',
      join(goldens, 'full-size/safety_checker'),
      async (weights, config) => {
        const graph = await buildSafetyCheckerGraph({ weights, config: parseSafetyCheckerConfig(config) })
        return { used: [...names(graph.vision.initializers), ...safetyConceptKeys], ignored: graph.ignored }
      },
    ),
    await compareFullSizeKeys(
      'safety/full-size prompt checker',
      join(goldens, 'full-size/text_checker'),
      async (weights, config) => {
        const graph = await buildBertClassifierGraph({ weights, config: parseBertClassifierConfig(config) })
        return { used: names(graph.classifier.initializers), ignored: graph.ignored }
      },
    ),
  ]
}
