import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WeightSource } from '@viscpm/core'
import { openCheckpoint } from '@viscpm/core/node'
import { type CpmBeeConfig, cpmBee10b, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { llmPrefix } from './weight-bytes.js'

export interface LanguageModelFolder {
  readonly weights: WeightSource
  readonly config: CpmBeeConfig
  readonly prefix: string
}

/** The language model of a folder as `viscpm quantize` writes it, or the benchmark itself. Without `config.json`: the 10B's sizes. */
export async function openLanguageModel(folder: string): Promise<LanguageModelFolder> {
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch(() => undefined)
  const json = text === undefined ? undefined : (JSON.parse(text) as { cpm_bee?: unknown })
  const config = json?.cpm_bee === undefined ? cpmBee10b : parseCpmBeeConfig(json.cpm_bee)
  const weights = await openCheckpoint(folder)
  return { weights, config, prefix: llmPrefix(weights) }
}

/** The file that holds a folder's weights. @throws Error when they lie in several, or in memory */
export function weightsFile({ weights, prefix }: LanguageModelFolder): string {
  const path = weights.locate(`${prefix}input_embedding.weight`)?.source.path
  if (path === undefined) throw new Error(`${weights.name}: the weights do not lie in a file`)
  return path
}
