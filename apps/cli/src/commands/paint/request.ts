import { FileFormatError, type Image, InvalidArgumentError, type Tensor, tensor, toFloat32 } from '@viscpm/core'
import { openCheckpoint } from '@viscpm/core/node'
import { checkTokenMerging, deepCacheOf, guidanceOf } from '@viscpm/unet-sampler'
import type { Context } from '../../context.js'
import { UsageError } from '../../failures.js'
import type { PaintRequest } from '../../models.js'
import { asPaintingError, type PaintingOptions, paintingRequest } from '../../options/paint.js'
import { schedulerOf } from '../../options/scheduler.js'
import { readPicture } from '../chat/picture-source.js'

/** Pictures and noise that are given as files. */
export interface GivenFiles {
  readonly image?: string
  readonly mask?: string
  readonly latents?: string
}

export interface GivenInputs {
  readonly image?: Image
  readonly mask?: Image
  readonly latents?: Tensor
}

/** Reads what is given as files. @throws ImageError, FileNotFoundError, FileFormatError, UsageError */
export async function readInputs(context: Context, given: GivenFiles, signal: AbortSignal): Promise<GivenInputs> {
  const picture = (from: string | undefined) => from && readPicture(context, from, 'white', signal)
  const [image, mask] = [await picture(given.image), await picture(given.mask)]
  const latents = given.latents === undefined ? undefined : await readLatents(given.latents)
  return { ...(image && { image }), ...(mask && { mask }), ...(latents && { latents }) }
}

/** The only tensor of a file, as float32. */
async function readLatents(file: string): Promise<Tensor> {
  const weights = await openCheckpoint(file)
  try {
    const [key, ...others] = weights.keys()
    if (key === undefined || others.length > 0)
      throw new FileFormatError({ file, message: `holds ${others.length + (key ? 1 : 0)} tensors, latents are one` })
    const found = await weights.read(key)
    return tensor('float32', toFloat32(found), found.shape)
  } finally {
    await weights.close()
  }
}

/**
 * What the command line asks for, read and checked as far as that is possible without the model.
 * @throws UsageError naming the option, and what `readInputs` throws
 */
export async function readRequest(
  context: Context,
  prompt: string,
  options: PaintingOptions,
  signal: AbortSignal,
): Promise<PaintRequest> {
  const { t } = context
  const request = paintingRequest(prompt, options)
  const { steps = 50, strength, image, mask } = options
  if (strength !== undefined && image === undefined) throw new UsageError(t.paint.needsImage('--strength'))
  if (mask !== undefined && image === undefined) throw new UsageError(t.paint.needsImage('--mask'))
  if (image === '-' && mask === '-') throw new UsageError(t.parsing.conflict('--image -', '--mask -'))
  try {
    guidanceOf(request)
    deepCacheOf(request.deepCache)
    checkTokenMerging(request.tokenMerging)
    const scheduler = schedulerOf(options, t) ?? schedulerOf({ scheduler: 'ddpm' }, t)!
    // How many steps the model was trained on is not known yet; hardly ever fewer than this.
    scheduler.start({ steps: Math.min(steps, 1000), ...(image !== undefined && { strength: strength ?? 0.8 }) })
    const inputs = await readInputs(context, options, signal)
    checkSameSize(inputs)
    return { ...request, ...inputs }
  } catch (error) {
    throw asPaintingError(error)
  }
}

function checkSameSize({ image, mask }: GivenInputs): void {
  if (image && mask && (image.width !== mask.width || image.height !== mask.height))
    throw new InvalidArgumentError({
      argument: 'mask',
      message: `${mask.width} x ${mask.height} pixels, the picture has ${image.width} x ${image.height}`,
      hint: 'Resize it first.',
    })
}
