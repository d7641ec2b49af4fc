import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'

export interface NodeServerOptions {
  readonly host: string
  readonly port: number
  readonly fetch: (request: Request, env: object) => Response | Promise<Response>
  /** Most connections at once. Default 2000. */
  readonly maxConnections?: number
  /** Milliseconds in which the headers of a request must have come. Default 10,000. */
  readonly headersTimeout?: number
  /** Milliseconds in which all of a request must have come. Default 120,000. */
  readonly requestTimeout?: number
}

/** An HTTP server that is patient with models, not with clients. Listens when it resolves. @throws Error of listening */
export async function listen(options: NodeServerOptions): Promise<{ readonly server: Server; readonly url: string }> {
  const { host, port, fetch, maxConnections = 2000, headersTimeout = 10_000, requestTimeout = 120_000 } = options
  // The globals of this process are not this server's to replace.
  const listener = getRequestListener(fetch as never, { overrideGlobalObjects: false })
  const limits = { headersTimeout, requestTimeout, maxHeaderSize: 16_384, keepAliveTimeout: 5_000 }
  const server = createServer(
    { ...limits, connectionsCheckingInterval: Math.min(headersTimeout, 5_000) },
    (req, res) => {
      void listener(req, res)
    },
  )
  server.maxConnections = maxConnections
  server.maxHeadersCount = 100
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port: bound } = server.address() as AddressInfo
  return { server, url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}` }
}

/** Lets answers that are under way end, for a while; then ends what is still open. */
export async function shut(server: Server, patience: number): Promise<void> {
  const closed = new Promise<void>(resolve => {
    server.close(() => resolve())
  })
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), patience)
  await closed
  clearTimeout(timer)
}
