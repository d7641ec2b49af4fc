import type { MiddlewareHandler } from 'hono'
import type { AppEnv } from './context.js'
import { HttpError } from './errors.js'

const tooLarge = (): HttpError => new HttpError(413, 'body_too_large', 'The body is too large.')

/** Where files come. */
const forms: ReadonlySet<string> = new Set(['/v1/images/edits', '/v1/files'])

/**
 * Bodies are JSON, or a form where files come, which a page of another site cannot send without being asked first; and no larger
 * than `maxBytes`, whatever they say of themselves.
 */
export function bodyGuard(maxBytes: number): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    if (c.req.method !== 'POST') return next()
    const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
    const expected = forms.has(c.req.path) ? 'multipart/form-data' : 'application/json'
    if (type !== expected) throw new HttpError(415, 'unsupported_media_type', `The body must be ${expected}.`)
    const length = c.req.header('content-length')
    if (length !== undefined) {
      if (Number(length) > maxBytes) {
        c.header('connection', 'close') // nobody will read the rest
        throw tooLarge()
      }
    } else c.req.raw = await counted(c.req.raw, maxBytes)
    return next()
  }
}

/** A request whose body comes in pieces, all read. @throws HttpError */
async function counted({ url, method, headers, signal, body }: Request, maxBytes: number): Promise<Request> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of (body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    bytes += piece.length
    if (bytes > maxBytes) throw tooLarge()
    pieces.push(piece)
  }
  return new Request(url, { method, headers, signal, body: Buffer.concat(pieces) })
}
