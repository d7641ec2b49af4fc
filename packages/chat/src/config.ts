import { ConfigError } from '@viscpm/core'
import { type CpmBeeConfig, cpmBee10b, parseCpmBeeConfig } from '@viscpm/cpm-bee'
import { beit3Large, parseQFormerConfig, type QFormerConfig } from '@viscpm/qformer'
import type { DecodingOptions } from './types.js'

/** Sizes of a whole VisCPM-Chat model. */
export interface VisCPMChatConfig {
  readonly llm: CpmBeeConfig
  readonly vision: QFormerConfig
  /** How the model calls itself. */
  readonly name: string
  readonly languages: readonly string[]
  /** Longest input in tokens, the picture's included. */
  readonly maxInputLength: number
}

/** The published VisCPM-Chat (balance, zhplus and v1 have the same sizes). */
export const publishedChat: VisCPMChatConfig = {
  llm: cpmBee10b,
  vision: beit3Large,
  name: 'VisCPM-Chat',
  languages: ['zh', 'en'],
  maxInputLength: 3000,
}

/** What the original asks for, unless the caller or the model's `generation_config.json` says otherwise. */
export const originalDecoding: Required<
  Pick<
    DecodingOptions,
    'decoding' | 'beamSize' | 'temperature' | 'repetitionPenalty' | 'lengthPenalty' | 'maxNewTokens'
  >
> = {
  decoding: 'beam',
  beamSize: 3,
  temperature: 0.7,
  repetitionPenalty: 1.1,
  lengthPenalty: 3,
  maxNewTokens: 512,
}

/**
 * Reads a model's `config.json`: `cpm_bee`, `beit3`, `query_num`, `image_size`, and optionally `name`, `languages`,
 * `max_input_length`.
 * @throws ConfigError naming the field
 */
export function parseChatConfig(json: unknown): VisCPMChatConfig {
  if (json === null || typeof json !== 'object')
    throw new ConfigError({ field: 'config', message: 'a JSON object is needed' })
  const fields = json as Record<string, unknown>
  const languages = fields.languages ?? ['zh', 'en']
  if (!Array.isArray(languages) || !languages.every(l => typeof l === 'string'))
    throw new ConfigError({ field: 'languages', message: 'a list of language codes is needed' })
  const maxInputLength = fields.max_input_length ?? publishedChat.maxInputLength
  if (typeof maxInputLength !== 'number' || !Number.isInteger(maxInputLength) || maxInputLength < 1)
    throw new ConfigError({ field: 'max_input_length', message: 'a positive whole number is needed' })
  const llm = parseCpmBeeConfig(fields.cpm_bee)
  return {
    llm,
    vision: parseQFormerConfig(json),
    name: typeof fields.name === 'string' ? fields.name : 'VisCPM-Chat',
    languages,
    maxInputLength,
  }
}

const generationFields: Readonly<Record<string, keyof DecodingOptions>> = {
  num_beams: 'beamSize',
  temperature: 'temperature',
  repetition_penalty: 'repetitionPenalty',
  length_penalty: 'lengthPenalty',
  max_new_tokens: 'maxNewTokens',
  top_k: 'topK',
  top_p: 'topP',
  min_p: 'minP',
}

/**
 * Reads a `generation_config.json` (transformers' names). One beam without sampling is greedy.
 * @throws ConfigError naming a field that is no number
 */
export function parseGenerationConfig(json: unknown): DecodingOptions {
  const fields = (json ?? {}) as Record<string, unknown>
  const decoding = fields.do_sample === true ? 'sample' : fields.num_beams === 1 ? 'greedy' : 'beam'
  const out: Record<string, unknown> = { decoding }
  for (const [name, option] of Object.entries(generationFields)) {
    const value = fields[name]
    if (value === undefined || value === null || !appliesTo(option, decoding)) continue
    if (typeof value !== 'number')
      throw new ConfigError({ field: name, message: `a number is needed, found ${JSON.stringify(value)}` })
    out[option] = value
  }
  return out as DecodingOptions
}

const only: Partial<Record<keyof DecodingOptions, readonly string[]>> = {
  beamSize: ['beam'],
  lengthPenalty: ['beam'],
  temperature: ['beam', 'sample'],
  topK: ['sample'],
  topP: ['sample'],
  minP: ['sample'],
  seed: ['sample'],
  lookup: ['greedy', 'sample'],
}

/** Whether a way of decoding uses an option. */
export function appliesTo(option: keyof DecodingOptions, decoding: string): boolean {
  return only[option]?.includes(decoding) ?? true
}
