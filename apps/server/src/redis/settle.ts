import { randomInt } from 'node:crypto'
import type { JobRequest } from '../jobs/types.js'

/** The request with its chances drawn: a job that is taken up again by another worker then says and paints the same. */
export function settled(request: JobRequest): JobRequest {
  if (request.kind === 'paint') return { ...request, seed: request.seed ?? String(randomInt(2 ** 48 - 1)) }
  const { decoding } = request
  if (decoding.decoding !== 'sample' || decoding.seed !== undefined) return request
  return { ...request, decoding: { ...decoding, seed: randomInt(2 ** 31) } }
}
