import { z } from '@hono/zod-openapi'

/** Answers are described by their outlines: what matters is what is asked for. */
const anything: z.ZodType = z.looseObject({})

const errorAnswer: z.ZodType = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string(),
    }),
  })
  .openapi('Error')

type Answers = Record<number, { description: string; content: Record<string, { schema: z.ZodType }> }>

/** A JSON answer, and errors. */
export function answers(description: string, status = 200, types: readonly string[] = ['application/json']): Answers {
  const json = { 'application/json': { schema: errorAnswer } }
  return {
    [status]: {
      description,
      content: Object.fromEntries(types.map(type => [type, { schema: anything }])),
    },
    400: { description: 'What was asked for is wrong, or was not allowed by a safety checker', content: json },
    401: { description: 'No valid API key', content: json },
    429: { description: 'Too many wait: see Retry-After', content: json },
    500: { description: 'Something failed', content: json },
  }
}

/** `null` for a field is what clients send that write out what they leave open. */
const withoutNulls = (body: unknown): unknown =>
  typeof body === 'object' && body !== null && !Array.isArray(body)
    ? Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
    : body

type JsonBody<T extends z.ZodType> = z.ZodPreprocess<T>

export const jsonBody = <T extends z.ZodType>(
  schema: T,
): { body: { content: { 'application/json': { schema: JsonBody<T> } }; required: true } } => ({
  body: { content: { 'application/json': { schema: z.preprocess(withoutNulls, schema) } }, required: true },
})
