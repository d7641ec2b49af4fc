import { imageHash, tensorHash } from './hash.js'
import type { PaintRequest } from './request.js'
import type { PaintMetadata } from './types.js'
import { version } from './version.js'

/** What is alike for all pictures of a request; `candidate` is 0. */
export async function describeRequest(
  request: PaintRequest,
  model: PaintMetadata['model'],
  backend: string,
  replaces?: PaintMetadata['replaces'],
): Promise<PaintMetadata> {
  const { prompt, negativePrompt, syntax, count, candidates, width, height, steps, guidanceScale, batchSize } = request
  const { options, seed, image, strength, latents, scheduler, guidanceInterval, deepCache, tokenMerging } = request
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
    ...(replaces && { replaces }),
    width,
    height,
    steps,
    guidanceScale,
    ...(guidanceInterval && { guidanceInterval }),
    ...(options.skipUnguided && { skipUnguided: true }),
    ...(deepCache && { deepCache }),
    ...(tokenMerging !== undefined && { tokenMerging }),
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
    ...(m.guidanceInterval ? [['Guided part', m.guidanceInterval.join('-')] as [string, unknown]] : []),
    ...(m.deepCache
      ? [['DeepCache', `${m.deepCache.interval}, branch ${m.deepCache.branch}`] as [string, unknown]]
      : []),
    ...(m.tokenMerging === undefined ? [] : [['Token merging', m.tokenMerging] as [string, unknown]]),
    ['Seed', m.seed === undefined ? 'unknown' : [m.seed].flat().join(' ')],
    ['Size', `${m.width}x${m.height}`],
    m.replaces
      ? ['Candidate', `${m.replaces.candidate + 1}, replacement ${m.replaces.try}`]
      : ['Candidate', `${m.candidate + 1} of ${m.count * m.candidates}`],
    ...(m.strength === undefined ? [] : ([['Denoising strength', m.strength]] as [string, unknown][])),
    ['Model', m.model.name],
    ['Model hash', m.model.hash.slice(0, 10)],
    ['Version', `viscpm ${m.software.paint}`],
  ]
  const negative = m.negativePrompt === '' ? '' : `\nNegative prompt: ${m.negativePrompt}`
  return `${m.prompt}${negative}\n${settings.map(([name, value]) => `${name}: ${String(value)}`).join(', ')}`
}
