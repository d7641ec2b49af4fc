import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv, Services } from '../context.js'
import { HttpError } from '../errors.js'
import { answers } from './describe.js'

const models = createRoute({
  method: 'get',
  path: '/v1/models',
  summary: 'What is served',
  responses: answers('Models; one that chats and paints is there once, with both'),
})
const healthz = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether it lives',
  responses: answers('It does'),
})
const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether all is loaded',
  responses: answers('It is'),
})
const metrics = createRoute({
  method: 'get',
  path: '/metrics',
  summary: 'Figures for Prometheus',
  responses: answers('Figures', 200, ['text/plain']),
})

/** What every server has: what is served, and how it is. */
export function serviceRoutes(app: OpenAPIHono<AppEnv>, services: Services): void {
  const started = Math.floor(Date.now() / 1000)
  app.openapi(models, c => {
    const byId = new Map<string, Record<string, unknown>[]>()
    for (const { id, ...facts } of services.models()) byId.set(id, [...(byId.get(id) ?? []), facts])
    const data = [...byId].map(([id, viscpm]) => ({
      id,
      object: 'model',
      created: started,
      owned_by: 'viscpm',
      viscpm,
    }))
    return c.json({ object: 'list', data })
  })
  app.get('/v1/models/:id{.+}', c => {
    const id = c.req.param('id')
    const viscpm = services.models().flatMap(({ id: own, ...facts }) => (own === id ? [facts] : []))
    if (viscpm.length === 0)
      throw new HttpError(404, 'model_not_found', 'No model of this name is served.', { param: 'model' })
    return c.json({ id, object: 'model', created: started, owned_by: 'viscpm', viscpm })
  })
  app.openapi(healthz, c => c.json({ status: 'ok' }))
  app.openapi(readyz, async c => {
    const ready = await services.isReady()
    return c.json({ status: ready ? 'ready' : 'loading' }, ready ? 200 : 503)
  })
  app.openapi(metrics, async c => {
    const { registry } = services.metrics
    return c.body(await registry.metrics(), 200, { 'content-type': registry.contentType })
  })
}
