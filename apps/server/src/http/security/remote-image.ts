import { promises as dns, type LookupAddress } from 'node:dns'
import http, { type IncomingMessage } from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { stoppable } from '../../stoppable.js'
import { isPublicAddress } from './addresses.js'

export type RemoteImageFault = 'url' | 'scheme' | 'port' | 'address' | 'redirects' | 'status' | 'size' | 'network'

/** A picture was not fetched. Clients are told that, not why: the difference would tell what is in the network. */
export class RemoteImageError extends Error {
  constructor(
    readonly fault: RemoteImageFault,
    options?: ErrorOptions,
  ) {
    super(`the picture cannot be fetched (${fault})`, options)
    this.name = 'RemoteImageError'
  }
}

export interface RemoteImageOptions {
  /** Default 20 MB. */
  readonly maxBytes?: number
  /** Milliseconds for all of it, redirects too. Default 10,000. */
  readonly timeout?: number
  /** Default 3. */
  readonly maxRedirects?: number
  /** Default ['https:']. */
  readonly schemes?: readonly string[]
  /** Default: the scheme's own. */
  readonly anyPort?: boolean
  /** All addresses of a name. Default: the system's. */
  readonly resolve?: (name: string) => Promise<readonly LookupAddress[]>
  /** Default: those of the public internet. */
  readonly allowed?: (address: string) => boolean
}

type Settings = Required<RemoteImageOptions>

/**
 * Fetches what a client's URL names, without letting it reach into the network around: one parser, names resolved once and the
 * connection made to the address that was looked at, every redirect looked at again.
 * @throws RemoteImageError; the signal's reason
 */
export async function fetchRemoteImage(
  from: string,
  options: RemoteImageOptions = {},
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const settings: Settings = {
    maxBytes: 20 * 2 ** 20,
    timeout: 10_000,
    maxRedirects: 3,
    schemes: ['https:'],
    anyPort: false,
    resolve: name => dns.lookup(name, { all: true, verbatim: true }),
    allowed: isPublicAddress,
    ...options,
  }
  const late = AbortSignal.timeout(settings.timeout)
  const stop = signal ? AbortSignal.any([signal, late]) : late
  try {
    let url = checkedUrl(from, settings)
    for (let redirects = 0; ; redirects++) {
      const response = await get(url, await addressOf(url, settings, stop), stop)
      try {
        const { statusCode = 0, headers } = response
        if (statusCode === 200) return await bodyOf(response, settings.maxBytes)
        if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined)
          throw new RemoteImageError('status')
        if (redirects >= settings.maxRedirects) throw new RemoteImageError('redirects')
        url = checkedUrl(headers.location, settings, url)
      } finally {
        response.destroy()
      }
    }
  } catch (cause) {
    signal?.throwIfAborted()
    throw cause instanceof RemoteImageError ? cause : new RemoteImageError('network', { cause })
  }
}

/** @throws RemoteImageError for everything but a plain address of a picture */
function checkedUrl(from: string, { schemes, anyPort }: Settings, base?: URL): URL {
  // Other parsers read these differently: there must be nothing to disagree about.
  if (from.length > 2048 || /[\s\\\p{Cc}]/u.test(from)) throw new RemoteImageError('url')
  const url = parsed(from, base)
  if (url === null) throw new RemoteImageError('url')
  if (url.username !== '' || url.password !== '' || url.hostname === '') throw new RemoteImageError('url')
  if (!schemes.includes(url.protocol)) throw new RemoteImageError('scheme')
  if (url.port !== '' && !anyPort) throw new RemoteImageError('port')
  return url
}

/** URL.parse, which Node 20 lacks. */
function parsed(from: string, base: URL | undefined): URL | null {
  try {
    return new URL(from, base)
  } catch {
    return null
  }
}

/** The one address to connect to. All that a name has must be allowed. @throws RemoteImageError */
async function addressOf({ hostname }: URL, { resolve, allowed }: Settings, stop: AbortSignal): Promise<LookupAddress> {
  stop.throwIfAborted()
  const literal = hostname.replace(/^\[|\]$/g, '')
  const family = isIP(literal)
  // A name server may take its time.
  const addresses = family === 0 ? await stoppable(resolve(hostname), stop) : [{ address: literal, family }]
  if (addresses.length === 0 || !addresses.every(({ address }) => allowed(address)))
    throw new RemoteImageError('address')
  return addresses[0]!
}

function get(url: URL, { address, family }: LookupAddress, signal: AbortSignal): Promise<IncomingMessage> {
  const lookup: LookupFunction = (_name, options, done) => {
    if (options.all) done(null, [{ address, family }])
    else done(null, address, family)
  }
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http
    const headers = { accept: 'image/png, image/jpeg, image/webp, image/gif', 'accept-encoding': 'identity' }
    // No agent: a connection that was kept could be to another address.
    const sent = request(url, { lookup, signal, headers, agent: false }, resolve)
    sent.on('error', reject)
    sent.end()
  })
}

async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw new RemoteImageError('size')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new RemoteImageError('size')
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}
