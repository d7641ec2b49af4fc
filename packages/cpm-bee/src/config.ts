import { ConfigError } from '@viscpm/core'

/** Sizes of a CPM-Bee model; names in `config.json` are upstream's (snake_case). */
export interface CpmBeeConfig {
  readonly vocabSize: number
  readonly dimModel: number
  readonly dimFF: number
  readonly numLayers: number
  readonly numHeads: number
  readonly dimHead: number
  readonly positionBiasNumBuckets: number
  readonly positionBiasNumSegmentBuckets: number
  readonly positionBiasMaxDistance: number
  /** Of the root mean square norms. */
  readonly eps: number
  /** The original computed in half precision: its rotary angles are rounded to float16. */
  readonly half: boolean
  /** Per layer: [attention left out, feed-forward left out]. */
  readonly maskModules?: readonly (readonly [attention: boolean, feedForward: boolean])[]
}

/** The published 10B model (upstream's config/cpm-bee-10b.json). */
export const cpmBee10b: CpmBeeConfig = {
  vocabSize: 86583,
  dimModel: 4096,
  dimFF: 10240,
  numLayers: 48,
  numHeads: 32,
  dimHead: 128,
  positionBiasNumBuckets: 256,
  positionBiasNumSegmentBuckets: 256,
  positionBiasMaxDistance: 2048,
  eps: 1e-6,
  half: true,
}

/**
 * Reads upstream's JSON form.
 * @throws ConfigError naming the field that is missing or wrong.
 */
export function parseCpmBeeConfig(json: unknown, at = 'cpm_bee'): CpmBeeConfig {
  if (json === null || typeof json !== 'object')
    throw new ConfigError({ field: at, message: 'an object with the sizes of the language model is needed' })
  const fields = json as Record<string, unknown>
  const size = (name: string, fallback?: number): number => {
    const value = fields[name] ?? fallback
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1)
      throw new ConfigError({
        field: `${at}.${name}`,
        message: `a positive whole number is needed, found ${JSON.stringify(value)}`,
      })
    return value
  }
  const eps = fields.eps ?? 1e-6
  if (typeof eps !== 'number' || !(eps > 0))
    throw new ConfigError({ field: `${at}.eps`, message: `a positive number is needed, found ${JSON.stringify(eps)}` })
  const config: CpmBeeConfig = {
    vocabSize: size('vocab_size'),
    dimModel: size('dim_model'),
    dimFF: size('dim_ff'),
    numLayers: size('num_layers'),
    numHeads: size('num_heads'),
    dimHead: size('dim_head'),
    positionBiasNumBuckets: size('position_bias_num_buckets', 256),
    positionBiasNumSegmentBuckets: size('position_bias_num_segment_buckets', 256),
    positionBiasMaxDistance: size('position_bias_max_distance', 2048),
    eps,
    half: fields.half === undefined ? true : fields.half === true,
  }
  if (config.dimModel % 2 !== 0)
    throw new ConfigError({ field: `${at}.dim_model`, message: `must be even, found ${config.dimModel}` })
  const masks = fields.mask_modules
  if (masks === undefined || masks === null) return config
  if (!Array.isArray(masks) || masks.length !== config.numLayers)
    throw new ConfigError({
      field: `${at}.mask_modules`,
      message: `a list of ${config.numLayers} [attention, ffn] pairs is needed`,
    })
  return { ...config, maskModules: masks.map(pair => [Boolean(pair?.[0]), Boolean(pair?.[1])] as const) }
}
