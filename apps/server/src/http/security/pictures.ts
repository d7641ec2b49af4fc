import { isVisCPMError } from '@viscpm/core'
import { readImageHeader } from '@viscpm/core/image'
import { maxPixels } from '../../engine/picture.js'
import { isFileId } from '../../files/limits.js'
import { badRequest, HttpError } from '../errors.js'
import { fromBase64 } from './base64.js'
import { fetchRemoteImage, RemoteImageError, type RemoteImageOptions } from './remote-image.js'

/** Most bytes of a picture's file. */
export const maxPictureBytes: number = 20 * 2 ** 20

/**
 * Looks at the first bytes of a picture: what it is and how large it would be.
 * @throws HttpError for what is no PNG, JPEG, WebP or GIF, or too large
 */
export function checkPicture(bytes: Uint8Array, param: string): Uint8Array {
  if (bytes.length > maxPictureBytes)
    throw new HttpError(413, 'image_too_large', `${param}: at most 20 MB are taken.`, { param })
  try {
    const { width, height } = readImageHeader(bytes)
    if (width * height > maxPixels)
      throw new HttpError(400, 'image_too_large', `${param}: at most 50 megapixels are taken.`, { param })
    return bytes
  } catch (error) {
    if (error instanceof HttpError || !isVisCPMError(error)) throw error
    throw badRequest(param, `${param}: not a PNG, JPEG, WebP or GIF picture, or broken.`, 'invalid_image')
  }
}

/** The bytes of a `data:` URL. @throws HttpError */
export function dataUrl(url: string, param: string): Uint8Array {
  const [head] = /^data:(?:image\/[a-z0-9.+-]+)?;base64,/i.exec(url) ?? []
  const bytes = head === undefined ? undefined : fromBase64(url.slice(head.length))
  if (!bytes) throw badRequest(param, `${param}: must be a data URL: data:image/png;base64,...`, 'invalid_image')
  return checkPicture(bytes, param)
}

export interface PictureSource {
  /** Undefined: remote pictures are off. */
  readonly remote?: RemoteImageOptions | undefined
  /** What the asker uploaded. */
  readonly uploaded: (id: string) => Promise<Uint8Array | undefined>
}

/** A picture from the URL that a request gives, or the id of an uploaded file. @throws HttpError; the signal's reason */
export async function pictureFrom(
  url: string,
  param: string,
  { remote, uploaded }: PictureSource,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (/^data:/i.test(url)) return dataUrl(url, param)
  if (isFileId(url)) {
    const picture = await uploaded(url)
    if (picture) return picture
    throw new HttpError(404, 'file_not_found', `${param}: there is no such file of yours.`, { param })
  }
  if (!remote)
    throw badRequest(
      param,
      `${param}: only data URLs and ids of uploaded files are taken; pictures of other servers are off.`,
      'remote_images_off',
    )
  try {
    return checkPicture(await fetchRemoteImage(url, { maxBytes: maxPictureBytes, ...remote }, signal), param)
  } catch (error) {
    if (!(error instanceof RemoteImageError)) throw error
    throw badRequest(param, `${param}: the picture at this address cannot be fetched.`, 'remote_image_failed')
  }
}
