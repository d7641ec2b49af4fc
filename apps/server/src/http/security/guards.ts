import type { Context, MiddlewareHandler } from 'hono'
import type { AppEnv } from '../context.js'
import { HttpError } from '../errors.js'
import { isLoopback } from './addresses.js'
import type { ApiKeys } from './api-keys.js'

export interface GuardOptions {
  /** What the server is bound to. */
  readonly host: string
  /** Names that requests may call the server by, besides itself. */
  readonly allowedHosts: readonly string[]
  /** Other pages that may use it, e.g. 'https://app.example'. */
  readonly allowedOrigins: readonly string[]
  /** Absent: nobody needs one. */
  readonly keys?: ApiKeys | undefined
  /** Whether a path needs no key. */
  readonly isPublic: (path: string) => boolean
}

/** The name in a Host header, without its port; undefined for what is none. */
export function hostName(header: string | undefined): string | undefined {
  const [, name] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(header ?? '') ?? []
  return name?.toLowerCase().replace(/\.$/, '')
}

const isLiteral = (name: string): boolean => name.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(name)

/**
 * Requests must call the server by a name of its own: a page that rebinds its name to this address cannot. An address is no
 * name, and cannot be rebound.
 */
export function hostGuard({ host, allowedHosts }: GuardOptions): MiddlewareHandler<AppEnv> {
  const allowed = new Set([host, 'localhost', ...allowedHosts].map(name => name.toLowerCase()))
  return async (c, next) => {
    const name = hostName(c.req.header('host'))
    const known =
      name !== undefined && (allowed.has(name) || isLoopback(name) || (!isLoopback(host) && isLiteral(name)))
    if (!known) throw new HttpError(403, 'host_not_allowed', 'This server is not called that. See --allow-host.')
    await next()
  }
}

function isSameOrigin(c: Context<AppEnv>, origin: string): boolean {
  try {
    const { host, protocol } = new URL(origin)
    return (protocol === 'http:' || protocol === 'https:') && host === c.req.header('host')?.toLowerCase()
  } catch {
    return false
  }
}

/** What a page may send: what the server reads, and what OpenAI's own clients add. */
const sendable = /^(authorization|content-type|idempotency-key|openai-[a-z-]{1,32}|x-stainless-[a-z-]{1,32})$/

function sentHeaders(asked: string | undefined): string {
  const names = (asked ?? '').split(',').map(name => name.trim().toLowerCase())
  return [...new Set(['authorization', 'content-type', 'idempotency-key', ...names])]
    .filter(name => sendable.test(name))
    .join(', ')
}

/** Pages of other origins are refused, unless they are allowed; those are answered as CORS has it. */
export function originGuard({ allowedOrigins }: GuardOptions): MiddlewareHandler<AppEnv> {
  const allowed = new Set(allowedOrigins)
  return async (c, next) => {
    const origin = c.req.header('origin')
    const cors = origin !== undefined && allowed.has(origin)
    const foreign = origin === undefined ? isForeignRead(c) : !cors && !isSameOrigin(c, origin)
    if (foreign)
      throw new HttpError(
        403,
        'origin_not_allowed',
        'Pages of this origin may not use this server. See --allow-origin.',
      )
    if (cors) {
      c.header('access-control-allow-origin', origin)
      c.header('vary', 'Origin')
      c.header('access-control-expose-headers', 'retry-after, x-request-id')
      c.header('cross-origin-resource-policy', 'cross-origin')
    }
    if (c.req.method === 'OPTIONS' && cors && c.req.header('access-control-request-method') !== undefined)
      return c.body(null, 204, {
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers': sentHeaders(c.req.header('access-control-request-headers')),
        'access-control-max-age': '600',
      })
    return next()
  }
}

/** A browser says that another site asks, without an Origin: pictures, scripts, frames. Opening a page is allowed. */
function isForeignRead(c: Context<AppEnv>): boolean {
  const site = c.req.header('sec-fetch-site')
  return (site === 'cross-site' || site === 'same-site') && c.req.header('sec-fetch-mode') !== 'navigate'
}

/** Looks at the key before anything of the body is read. */
export function keyGuard({ keys, isPublic }: GuardOptions): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    c.set('owner', 'anonymous')
    if (keys && !isPublic(c.req.path)) {
      const [, key] = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(c.req.header('authorization') ?? '') ?? []
      const owner = key === undefined ? undefined : keys.ownerOf(key)
      if (owner === undefined) {
        c.header('www-authenticate', 'Bearer')
        throw new HttpError(401, 'invalid_api_key', 'A valid API key is needed: Authorization: Bearer KEY.')
      }
      c.set('owner', owner)
    }
    await next()
  }
}
