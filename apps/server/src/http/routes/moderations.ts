import { randomUUID } from 'node:crypto'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import type { AppEnv, Services } from '../context.js'
import { type ModerationInput, moderationBody, moderationResult } from '../openai/moderation.js'
import { pictureFrom } from '../security/pictures.js'
import { answers, jsonBody } from './describe.js'
import { picturesFor } from './pictures.js'

const route = createRoute({
  method: 'post',
  path: '/v1/moderations',
  summary: "What the server's safety checkers say of texts and pictures",
  request: jsonBody(moderationBody),
  responses: answers('One result for each input'),
})

type Part = { readonly text: string } | { readonly url: string }

function partsOf(input: ModerationInput): Part[] {
  if (typeof input === 'string') return [{ text: input }]
  return input.map(one => {
    if (typeof one === 'string') return { text: one }
    return one.type === 'text' ? { text: one.text } : { url: one.image_url.url }
  })
}

export function moderationRoutes(app: OpenAPIHono<AppEnv>, services: Services): void {
  const { moderator } = services
  app.openapi(route, async c => {
    const { input } = c.req.valid('json')
    const { signal } = c.req.raw
    const pictures = picturesFor(c, services)
    const results: Record<string, unknown>[] = []
    for (const part of partsOf(input)) {
      const asked = 'text' in part ? part : { picture: await pictureFrom(part.url, 'input', pictures, signal) }
      const type = 'text' in asked ? 'text' : 'image'
      results.push(moderationResult(await moderator.check(asked, signal), type))
    }
    return c.json({ id: `modr-${randomUUID()}`, model: 'viscpm-safety', results })
  })
}
