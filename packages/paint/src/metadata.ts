import type { SchedulerConfig } from '@viscpm/unet-sampler'
import { imageHash, tensorHash } from './hash.js'
import type { PaintRequest } from './request.js'
import { version } from './version.js'

/** What has to be known to paint a picture again. JSON; written into PNG files under the key `viscpm`. */
export interface PaintMetadata {
  /** Of this description. */
  readonly format: 1
  readonly prompt: string
  readonly negativePrompt: string
  readonly syntax: 'text' | 'raw'
  /** Decimal, as seeds may pass 2^53; one for all, or one for each picture. Absent with the caller's own generators. */
  readonly seed?: string | readonly string[]
  /** SHA-256 of latents that the caller gave. */
  readonly latents?: string
  /** Pictures asked for, candidates of each, and which of all these this one is. */
  readonly count: number
  readonly candidates: number
  readonly candidate: number
  readonly width: number
  readonly height: number
  readonly steps: number
  readonly guidanceScale: number
  readonly guidanceInterval?: readonly [from: number, to: number]
  readonly skipUnguided?: boolean
  /** With `_class_name`, as diffusers' scheduler_config.json. */
  readonly scheduler: SchedulerConfig
  /** SHA-256 of the pictures that were given. */
  readonly image?: string
  readonly mask?: string
  readonly strength?: number
  readonly batchSize: number
  readonly model: { readonly name: string; readonly hash: string }
  /** This package's version, and what ran the networks. */
  readonly software: { readonly paint: string; readonly backend: string }
}

/** What is alike for all pictures of a request; `candidate` is 0. */
export async function describeRequest(
  request: PaintRequest,
  model: PaintMetadata['model'],
  backend: string,
): Promise<PaintMetadata> {
  const { prompt, negativePrompt, syntax, count, candidates, width, height, steps, guidanceScale, batchSize } = request
  const { options, seed, image, strength, latents, scheduler } = request
  return {
    format: 1,
    prompt,
    negativePrompt,
    syntax,
    ...(seed !== undefined && { seed: Array.isArray(seed) ? seed.map(String) : String(seed) }),
    ...(latents && { latents: await tensorHash(latents) }),
    count,
    candidates,
    candidate: 0,
    width,
    height,
    steps,
    guidanceScale,
    ...(options.guidanceInterval && { guidanceInterval: options.guidanceInterval }),
    ...(options.skipUnguided && { skipUnguided: true }),
    scheduler: scheduler.config,
    ...(image && { image: await imageHash(image) }),
    ...(options.mask && { mask: await imageHash(options.mask) }),
    ...(strength !== undefined && { strength }),
    batchSize,
    model,
    software: { paint: version, backend },
  }
}

/** The same in words, after the fashion of other painters: texts, then one line of settings. */
export function parametersText(m: PaintMetadata): string {
  const settings: [string, unknown][] = [
    ['Steps', m.steps],
    ['Sampler', m.scheduler._class_name],
    ['CFG scale', m.guidanceScale],
    ['Seed', m.seed === undefined ? 'unknown' : [m.seed].flat().join(' ')],
    ['Size', `${m.width}x${m.height}`],
    ['Candidate', `${m.candidate + 1} of ${m.count * m.candidates}`],
    ...(m.strength === undefined ? [] : ([['Denoising strength', m.strength]] as [string, unknown][])),
    ['Model', m.model.name],
    ['Model hash', m.model.hash.slice(0, 10)],
    ['Version', `viscpm ${m.software.paint}`],
  ]
  const negative = m.negativePrompt === '' ? '' : `\nNegative prompt: ${m.negativePrompt}`
  return `${m.prompt}${negative}\n${settings.map(([name, value]) => `${name}: ${String(value)}`).join(', ')}`
}
