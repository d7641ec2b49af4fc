import { randomInt } from 'node:crypto'
import type { PaintRequest } from '../../jobs/types.js'
import { badRequest } from '../errors.js'
import type { ImageFields } from './image-schema.js'

/** Most pixels of a picture that is painted, and of all that one request paints. */
const maxSide = 2048
const maxPictures = 64
/** Steps of training that a scheduler may be of: it keeps several numbers for each. Stable Diffusion has 1000. */
const maxTrainSteps = 10_000

function sizeOf(size: string | undefined): { width: number; height: number } | undefined {
  if (size === undefined || size === 'auto') return undefined
  const [width, height] = size.split('x').map(Number) as [number, number]
  if (width < 1 || height < 1 || width > maxSide || height > maxSide)
    throw badRequest('size', `size: sides of 1 to ${maxSide} pixels are painted.`)
  return { width, height }
}

/** @throws HttpError for a config that would fill the memory */
function schedulerOf(given: ImageFields['scheduler']): PaintRequest['scheduler'] {
  if (given === undefined) return undefined
  if (typeof given === 'string') return { _class_name: given }
  const { num_train_timesteps: steps } = given
  const param = 'scheduler.num_train_timesteps'
  if (typeof steps === 'number' && steps > maxTrainSteps) throw badRequest(param, `${param}: at most ${maxTrainSteps}.`)
  return given
}

/** Files of the picture to start from. */
export interface GivenPictures {
  readonly image?: Uint8Array | undefined
  readonly mask?: Uint8Array | undefined
  readonly strength?: number | undefined
}

/** What OpenAI's fields and ours ask for. @throws HttpError */
export function paintRequest(
  body: ImageFields,
  model: string,
  previews: boolean,
  { image, mask, strength }: GivenPictures = {},
): PaintRequest {
  const { n = 1, candidates, steps, preset } = body
  const scheduler = schedulerOf(body.scheduler)
  if (n * (candidates ?? 1) > maxPictures)
    throw badRequest('n', `n: n * candidates may be at most ${maxPictures} pictures.`)
  if (mask && !image) throw badRequest('mask', 'mask: needs a picture to paint in.')
  if (strength !== undefined && !image) throw badRequest('strength', 'strength: needs a picture to start from.')
  const size = sizeOf(body.size)
  return {
    kind: 'paint',
    model,
    prompt: body.prompt,
    count: n,
    // Drawn here: a job that is taken up again paints the same.
    seed: String(body.seed ?? randomInt(2 ** 32)),
    previews,
    ...(body.negative_prompt !== undefined && { negativePrompt: body.negative_prompt }),
    ...(candidates !== undefined && { candidates }),
    ...(steps !== undefined && { steps }),
    ...size,
    ...(body.guidance_scale !== undefined && { guidanceScale: body.guidance_scale }),
    ...(scheduler !== undefined && { scheduler }),
    ...(preset !== undefined && { preset }),
    ...(image && { image }),
    ...(mask && { mask }),
    ...(strength !== undefined && { strength }),
  }
}
