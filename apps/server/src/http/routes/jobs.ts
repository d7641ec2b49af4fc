import { createHash } from 'node:crypto'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Job, JobEvent, JobRequest, JobResult, JobState } from '../../jobs/types.js'
import type { AppEnv, Services } from '../context.js'
import { asHttpError, badRequest, failureError, HttpError } from '../errors.js'
import { chatRequest } from '../openai/chat-request.js'
import { chatHead, completion } from '../openai/chat-response.js'
import { chatFields } from '../openai/chat-schema.js'
import { paintRequest } from '../openai/image-request.js'
import { imagesResponse } from '../openai/image-response.js'
import { paintJobFields } from '../openai/image-schema.js'
import { pictureFrom } from '../security/pictures.js'
import { eventStream, type ServerEvent } from '../sse.js'
import { answers, jsonBody } from './describe.js'
import { modelFor } from './models.js'
import { picturesFor } from './pictures.js'

const priority = z
  .int()
  .min(0)
  .max(9)
  .optional()
  .openapi({ description: '0 is soonest. Default 1: after those who wait for an answer.' })

const jobBody = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('chat'), ...chatFields, priority }),
    z.strictObject({ kind: z.literal('paint'), ...paintJobFields, priority }),
  ])
  .openapi('JobRequest')

const params = z.object({ id: z.string().max(128) })

const create = createRoute({
  method: 'post',
  path: '/v1/jobs',
  summary: 'Have something done without waiting for it; with an Idempotency-Key the same job is not made twice',
  request: jsonBody(jobBody),
  responses: answers('The job', 202),
})
const state = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}',
  summary: 'How far a job is',
  request: { params },
  responses: answers('The job'),
})
const events = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/events',
  summary: 'What happens to a job: started, progress, text, preview, and done or failed at last',
  request: { params },
  responses: answers('Events', 200, ['text/event-stream']),
})
const result = createRoute({
  method: 'get',
  path: '/v1/jobs/{id}/result',
  summary: "A job's result, as the endpoint of its kind answers",
  request: { params, query: z.object({ include_candidates: z.enum(['true', 'false']).optional() }) },
  responses: answers('The result'),
})
const remove = createRoute({
  method: 'delete',
  path: '/v1/jobs/{id}',
  summary: 'Stop a job',
  request: { params },
  responses: answers('The job'),
})

const jobObject = (job: JobState): Record<string, unknown> => ({ object: 'job', ...job })

/** @throws HttpError */
async function requestOf(c: Context<AppEnv>, body: z.infer<typeof jobBody>, services: Services): Promise<JobRequest> {
  const pictures = picturesFor(c, services)
  const { signal } = c.req.raw
  const model = modelFor(body.kind, body.model, services)
  if (body.kind === 'chat') return chatRequest(body, model, pictures, signal)
  const picture = (name: 'image' | 'mask') => {
    const url = body[name]
    return url === undefined ? undefined : pictureFrom(url, name, pictures, signal)
  }
  if (body.include_candidates !== undefined)
    throw badRequest('include_candidates', 'include_candidates: is asked for with the result.', 'unsupported_parameter')
  const [image, mask] = [await picture('image'), await picture('mask')]
  return paintRequest(body, model, body.previews ?? true, { image, mask, strength: body.strength })
}

/** A job's id from the client's key: the same key of the same owner is the same job. */
function idempotent(owner: string, key: string | undefined): { id?: string } {
  if (key === undefined) return {}
  return { id: createHash('sha256').update(`${owner}\n${key}`).digest('hex').slice(0, 32) }
}

function answerOf(
  job: { readonly id: string; readonly model: string },
  result: JobResult,
  all: boolean,
): Record<string, unknown> {
  return result.kind === 'chat' ? completion(chatHead(job.id, job.model), result.answer) : imagesResponse(result, all)
}

async function* jobEvents(job: Job, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  for await (const event of job.events(signal)) yield eventOf(event)
  try {
    await job.result()
    yield { event: 'done', data: jobObject(await job.state()) }
  } catch (error) {
    yield { event: 'failed', data: { ...jobObject(await job.state()), ...asHttpError(error).body } }
  }
}

function eventOf(event: JobEvent): ServerEvent {
  switch (event.type) {
    case 'started':
      return { event: 'started', data: {} }
    case 'progress':
      return { event: 'progress', data: event.progress }
    case 'text':
      return { event: 'text', data: { text: event.text } }
    case 'preview': {
      const { step, steps, images } = event
      return { event: 'preview', data: { step, steps, images: images.map(png => Buffer.from(png).toString('base64')) } }
    }
  }
}

export function jobRoutes(app: OpenAPIHono<AppEnv>, services: Services): void {
  const { queue } = services
  const found = async (c: Context<AppEnv>, id: string): Promise<Job> => {
    const job = await queue.find(id, c.get('owner'))
    if (!job) throw new HttpError(404, 'job_not_found', 'There is no such job of yours.', { param: 'id' })
    return job
  }

  app.openapi(create, async c => {
    const body = c.req.valid('json')
    const owner = c.get('owner')
    const request = await requestOf(c, body, services)
    const id = idempotent(owner, c.req.header('idempotency-key'))
    const job = await queue.submit(request, { owner, priority: body.priority ?? 1, ...id })
    return c.json(jobObject(await job.state()), 202, { location: `/v1/jobs/${job.id}` })
  })
  app.openapi(state, async c => c.json(jobObject(await (await found(c, c.req.valid('param').id)).state())))
  app.openapi(events, async c => {
    const job = await found(c, c.req.valid('param').id)
    const stop = new AbortController()
    return eventStream(c, jobEvents(job, stop.signal), () => stop.abort())
  })
  app.openapi(result, async c => {
    const job = await found(c, c.req.valid('param').id)
    const now = await job.state()
    if (now.status === 'failed' && now.failure) throw failureError(now.failure)
    if (now.status === 'queued' || now.status === 'running')
      throw new HttpError(409, 'not_finished', 'The job is not done yet.', { retryAfter: 1 })
    const all = c.req.valid('query').include_candidates === 'true'
    return c.json(answerOf(now, await job.result(), all))
  })
  app.openapi(remove, async c => {
    const job = await found(c, c.req.valid('param').id)
    await job.cancel()
    return c.json(jobObject(await job.state()))
  })
}
