import type { Context } from 'hono'
import type { AppEnv, Services } from '../context.js'
import type { PictureSource } from '../security/pictures.js'

/** Where the pictures of a request may come from: what its owner uploaded, and other servers where that is on. */
export function picturesFor(c: Context<AppEnv>, { files, remoteImages }: Services): PictureSource {
  const owner = c.get('owner')
  return { remote: remoteImages, uploaded: id => files.content(owner, id) }
}
