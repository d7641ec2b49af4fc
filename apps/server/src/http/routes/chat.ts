import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { ChatResult, Job } from '../../jobs/types.js'
import type { AppEnv, Services } from '../context.js'
import { badRequest, HttpError } from '../errors.js'
import { chatRequest } from '../openai/chat-request.js'
import { type ChatHead, chatHead, chunk, completion, usageChunk } from '../openai/chat-response.js'
import { chatBody } from '../openai/chat-schema.js'
import { eventStream, type ServerEvent } from '../sse.js'
import { answers, jsonBody } from './describe.js'
import { modelFor } from './models.js'
import { picturesFor } from './pictures.js'
import { submitFor } from './submit.js'

const route = createRoute({
  method: 'post',
  path: '/v1/chat/completions',
  summary: 'Ask something about a picture',
  request: jsonBody(chatBody),
  responses: answers('The answer, whole or as it grows', 200, ['application/json', 'text/event-stream']),
})

/** What was sent cannot be taken back, and a client would put the new text behind it. */
const restarted = (): HttpError =>
  new HttpError(503, 'job_restarted', 'The worker died, and the answer began anew. Ask again.')

async function* chatEvents(job: Job, head: ChatHead, withUsage: boolean): AsyncGenerator<ServerEvent> {
  let begun = false
  // As OpenAI has it: where it is asked for, it is in every piece, and null in all but the last.
  const unknown = withUsage ? { usage: null } : {}
  for await (const event of job.events())
    if (event.type === 'started' && begun) {
      await job.cancel()
      throw restarted()
    } else if (event.type === 'text') {
      const delta = { ...(!begun && { role: 'assistant' as const }), content: event.text }
      yield { data: { ...chunk(head, delta), ...unknown } }
      begun = true
    }
  const { answer } = (await job.result()) as ChatResult
  yield { data: { ...chunk(head, begun ? {} : { role: 'assistant', content: '' }, answer), ...unknown } }
  if (withUsage) yield { data: usageChunk(head, answer) }
  yield { data: '[DONE]' }
}

export function chatRoutes(app: OpenAPIHono<AppEnv>, services: Services): void {
  app.openapi(route, async c => {
    const { stream = false, stream_options, ...body } = c.req.valid('json')
    if (stream_options && !stream) throw badRequest('stream_options', 'stream_options: only goes with stream.')
    const model = modelFor('chat', body.model, services)
    const request = await chatRequest(body, model, picturesFor(c, services), c.req.raw.signal)
    const job = await submitFor(c, services, request)
    const head = chatHead(job.id, model)
    if (!stream) return c.json(completion(head, ((await job.result()) as ChatResult).answer))
    return eventStream(c, chatEvents(job, head, stream_options?.include_usage === true), () => job.cancel())
  })
}
