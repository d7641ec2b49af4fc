import { z } from '@hono/zod-openapi'
import { about, type Shape } from './shape.js'

/** Fields that OpenAI's clients may send, taken only with the value that changes nothing. */
export interface NeutralChat {
  readonly n?: 1 | undefined
  readonly presence_penalty?: 0 | undefined
  readonly frequency_penalty?: 0 | undefined
  readonly logprobs?: false | undefined
  readonly stop?: null | readonly string[] | undefined
  readonly tools?: readonly unknown[] | undefined
  readonly tool_choice?: string | undefined
  readonly response_format?: { readonly type: 'text' } | undefined
  readonly modalities?: readonly ['text'] | undefined
  readonly store?: false | undefined
  readonly service_tier?: string | undefined
  readonly user?: string | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

const unused = about('Taken, not used.')

export const neutralChat: Shape<NeutralChat> = {
  n: z.literal(1).optional(),
  presence_penalty: z.literal(0).optional(),
  frequency_penalty: z.literal(0).optional(),
  logprobs: z.literal(false).optional(),
  stop: z.union([z.null(), z.array(z.string()).length(0)]).optional(),
  tools: z.array(z.unknown()).length(0).optional(),
  tool_choice: z.enum(['none', 'auto']).optional(),
  response_format: z.strictObject({ type: z.literal('text') }).optional(),
  modalities: z.tuple([z.literal('text')]).optional(),
  store: z.literal(false).optional(),
  service_tier: z.enum(['auto', 'default']).optional(),
  user: z.string().max(256).optional().openapi(unused),
  metadata: z.record(z.string(), z.string()).optional().openapi(unused),
}

/** The same of pictures. */
export interface NeutralImage {
  readonly quality?: string | undefined
  readonly background?: string | undefined
  readonly output_format?: 'png' | undefined
  readonly moderation?: 'auto' | undefined
  readonly user?: string | undefined
}

export const neutralImage: Shape<NeutralImage> = {
  quality: z.enum(['auto', 'standard']).optional(),
  background: z.enum(['auto', 'opaque']).optional(),
  output_format: z.literal('png').optional(),
  moderation: z.literal('auto').optional(),
  user: z.string().max(256).optional().openapi(unused),
}
