import { ConfigError } from '@viscpm/core'

/** What `generate` takes when it is not told: what suits the model. Left out: the original's. */
export interface PaintDefaults {
  /** Default 50. */
  readonly steps?: number
  /** Default 7.5. */
  readonly guidanceScale?: number
}

export const originalDefaults: Required<PaintDefaults> = { steps: 50, guidanceScale: 7.5 }

/**
 * Reads a painter's `generation_config.json`: `num_inference_steps` and `guidance_scale`, as diffusers calls them.
 * @throws ConfigError naming a field that is wrong or unknown
 */
export function parsePaintDefaults(json: unknown): PaintDefaults {
  if (json === null || typeof json !== 'object' || Array.isArray(json))
    throw new ConfigError({ field: 'generation_config.json', message: 'must be an object' })
  const { num_inference_steps: steps, guidance_scale: guidanceScale, ...rest } = json as Record<string, unknown>
  for (const field of Object.keys(rest))
    throw new ConfigError({ field, message: 'unknown', hint: 'Known are num_inference_steps and guidance_scale.' })
  if (steps !== undefined && !(Number.isSafeInteger(steps) && (steps as number) > 0))
    throw new ConfigError({
      field: 'num_inference_steps',
      message: `must be a whole number above 0, not ${String(steps)}`,
    })
  if (guidanceScale !== undefined && !Number.isFinite(guidanceScale))
    throw new ConfigError({ field: 'guidance_scale', message: `must be a finite number, not ${String(guidanceScale)}` })
  return {
    ...(steps !== undefined && { steps: steps as number }),
    ...(guidanceScale !== undefined && { guidanceScale: guidanceScale as number }),
  }
}
