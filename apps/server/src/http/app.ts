import { randomUUID } from 'node:crypto'
import { OpenAPIHono } from '@hono/zod-openapi'
import type { Context, MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { routePath } from 'hono/route'
import { JobFailedError } from '../jobs/errors.js'
import { bodyGuard } from './body-guard.js'
import type { AppEnv, Services } from './context.js'
import { asHttpError, HttpError } from './errors.js'
import { browserHeaders } from './headers.js'
import { chatRoutes } from './routes/chat.js'
import { editRoutes } from './routes/edits.js'
import { fileRoutes } from './routes/files.js'
import { imageRoutes } from './routes/images.js'
import { jobRoutes } from './routes/jobs.js'
import { moderationRoutes } from './routes/moderations.js'
import { serviceRoutes } from './routes/service.js'
import { type GuardOptions, hostGuard, keyGuard, originGuard } from './security/guards.js'
import { invalidBody } from './validation.js'

/** What everybody may ask for: how the server is, what it can, and the page, which asks for a key. */
const publicPaths: ReadonlySet<string> = new Set(['/', '/healthz', '/readyz', '/openapi.json'])

const noPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>viscpm</title>
<p>The server runs. Its page is not built: see the package @viscpm/web. What it can do: <a href="/openapi.json">openapi.json</a>.`

/** What is asked every few seconds. */
const quiet: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])

/** One line and one count for each request; nothing of what is asked. */
function observed({ log, metrics }: Services): MiddlewareHandler<AppEnv> {
  return async (c, next) => {
    const id = randomUUID()
    const start = performance.now()
    c.set('requestId', id)
    await next()
    c.res.headers.set('x-request-id', id) // c.header would make the response anew
    const { method } = c.req
    const [route, { status }] = [routePath(c), c.res]
    const done = () => {
      const ms = Math.round(performance.now() - start)
      metrics.request(method, route, status, ms)
      const level = quiet.has(route) ? 'debug' : 'info'
      log[level]({ id, method, route, status, ms, owner: c.get('owner') }, 'request')
    }
    const { outgoing } = c.env ?? {}
    if (outgoing && !outgoing.closed) outgoing.once('close', done)
    else done()
  }
}

/** What is thrown and is no Error, as a reason to abort may be: the framework would let it pass, unanswered and not logged. */
const errorsOnly: MiddlewareHandler<AppEnv> = async (_c, next) => {
  try {
    await next()
  } catch (cause) {
    throw cause instanceof Error ? cause : new Error('what was thrown is no error', { cause })
  }
}

/** The server as a function of requests. */
export function buildApp(services: Services): OpenAPIHono<AppEnv> {
  const { statics, log, guards } = services
  const app = new OpenAPIHono<AppEnv>({
    defaultHook: result => {
      if (!result.success) throw invalidBody(result.error)
    },
  })
  const options: GuardOptions = { ...guards, isPublic: path => publicPaths.has(path) || statics.has(path) }
  app.use(observed(services), errorsOnly, browserHeaders(), hostGuard(options), originGuard(options), keyGuard(options))
  app.use(bodyGuard(services.maxBodyBytes))
  chatRoutes(app, services)
  imageRoutes(app, services)
  editRoutes(app, services)
  fileRoutes(app, services)
  moderationRoutes(app, services)
  jobRoutes(app, services)
  serviceRoutes(app, services)
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', { type: 'http', scheme: 'bearer' })
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: { title: 'viscpm', version: '1', description: 'VisCPM over HTTP, as OpenAI has it.' },
    security: [{ apiKey: [] }],
  })
  app.on(['GET', 'HEAD'], '/*', async (c, next) => {
    const { path, method } = c.req
    const file = statics.answer(path, method, c.req.header('if-none-match'))
    if (file) {
      const headers = Object.fromEntries(file.headers)
      return file.body ? c.body(file.body, 200, headers) : c.body(null, file.status as 304, headers)
    }
    if (path === '/') return c.html(noPage)
    await next()
  })
  app.notFound(() => {
    throw new HttpError(404, 'not_found', 'There is nothing here. See /openapi.json.')
  })
  app.onError((error, c) => {
    const told = fromHono(error) ?? (isGone(c, error) ? clientGone() : asHttpError(error))
    if (told.status === 500)
      log.error({ id: c.get('requestId'), code: told.code, err: told === error ? undefined : error }, 'failed')
    const { retryAfter } = told.extra
    if (retryAfter !== undefined) c.header('retry-after', String(retryAfter))
    return c.json(told.body, told.status as 400)
  })
  return app
}

/** Whether it failed because nobody waits for it any more, which is nobody's fault. */
const isGone = (c: Context<AppEnv>, error: unknown): boolean =>
  c.req.raw.signal.aborted && !(error instanceof HttpError || error instanceof JobFailedError)

const clientGone = (): HttpError => new HttpError(499, 'client_left', 'The client left before it was answered.')

function fromHono(error: unknown): HttpError | undefined {
  if (!(error instanceof HTTPException)) return undefined
  return new HttpError(error.status === 413 ? 413 : 400, 'invalid_json', 'The body is no JSON.')
}
