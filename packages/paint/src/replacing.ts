import { sha256 } from '@viscpm/core'
import type { Seed } from '@viscpm/unet-sampler'
import { type ModelFacts, type PaintRequest, settle } from './request.js'

/**
 * Seed of a replacement: the same for the same request, and of no other picture. Where the noise is the caller's own
 * generators', it is drawn at random.
 */
async function seedOf({ seed }: PaintRequest, candidate: number, attempt: number): Promise<number> {
  if (seed === undefined) return crypto.getRandomValues(new Uint32Array(1))[0]!
  const own = Array.isArray(seed) ? (seed as readonly Seed[])[candidate] : seed
  const text = `replacement ${attempt} of candidate ${candidate} of seed ${String(own)}`
  return Number.parseInt((await sha256(new TextEncoder().encode(text))).slice(0, 8), 16)
}

/** A request for one picture, like `request` but for its noise: painted alone, so that its own seed paints it again. */
export async function replacement(
  request: PaintRequest,
  model: ModelFacts,
  candidate: number,
  attempt: number,
): Promise<PaintRequest> {
  const seed = await seedOf(request, candidate, attempt)
  const { scheduler } = request
  const own = { count: 1, candidates: 1, seed, scheduler, generators: undefined, latents: undefined }
  return settle({ ...request.options, ...own }, model)
}
