import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Job, PaintedResult, PaintRequest } from '../../jobs/types.js'
import type { AppEnv, Services } from '../context.js'
import { badRequest } from '../errors.js'
import { paintRequest } from '../openai/image-request.js'
import { completedEvents, type ImageEvent, imagesResponse, partialEvent } from '../openai/image-response.js'
import { imageBody } from '../openai/image-schema.js'
import { eventStream, type ServerEvent } from '../sse.js'
import { answers, jsonBody } from './describe.js'
import { modelFor } from './models.js'
import { submitFor } from './submit.js'

const route = createRoute({
  method: 'post',
  path: '/v1/images/generations',
  summary: 'Paint pictures',
  request: jsonBody(imageBody),
  responses: answers('The pictures, or how they become', 200, ['application/json', 'text/event-stream']),
})

/** How the pictures of a request are sent. */
export interface Sending {
  readonly stream?: boolean | undefined
  readonly partial_images?: number | undefined
  readonly include_candidates?: boolean | undefined
  readonly size?: string | undefined
}

/** @throws HttpError */
export function checkSending({ stream = false, partial_images }: Sending): void {
  if (partial_images !== undefined && !stream)
    throw badRequest('partial_images', 'partial_images: only goes with stream.')
}

async function* imageEvents(
  job: Job,
  of: ImageEvent,
  { partial_images = 0, include_candidates = false, size }: Sending,
): AsyncGenerator<ServerEvent> {
  let sent = 0
  for await (const event of job.events()) {
    // Spread over the steps, so that the last ones are not all of the beginning.
    if (event.type !== 'preview' || event.step / event.steps < sent / partial_images || sent >= partial_images) continue
    yield { event: `${of}.partial_image`, data: partialEvent(of, sent++, event.images, size) }
  }
  const result = (await job.result()) as PaintedResult
  for (const data of completedEvents(of, result, include_candidates, size)) yield { event: `${of}.completed`, data }
}

/** Paints, and answers as the client wants it. */
export async function paint(
  c: Context<AppEnv>,
  services: Services,
  request: PaintRequest,
  of: ImageEvent,
  sending: Sending,
): Promise<Response> {
  const job = await submitFor(c, services, request)
  if (sending.stream) return eventStream(c, imageEvents(job, of, sending), () => job.cancel())
  return c.json(imagesResponse((await job.result()) as PaintedResult, sending.include_candidates === true))
}

export function imageRoutes(app: OpenAPIHono<AppEnv>, services: Services): void {
  app.openapi(route, c => {
    const { stream, partial_images, ...body } = c.req.valid('json')
    const { include_candidates, size } = body
    const sending = { stream, partial_images, include_candidates, size }
    checkSending(sending)
    const request = paintRequest(body, modelFor('paint', body.model, services), (partial_images ?? 0) > 0)
    return paint(c, services, request, 'image_generation', sending)
  })
}
