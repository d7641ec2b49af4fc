import { z } from '@hono/zod-openapi'
import type { Finding } from '../moderation/service.js'

const part = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string() }),
  z.strictObject({ type: z.literal('image_url'), image_url: z.strictObject({ url: z.string() }) }),
])

export type ModerationInput =
  | string
  | readonly string[]
  | readonly (
      | { readonly type: 'text'; readonly text: string }
      | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }
    )[]

export const moderationBody: z.ZodType<{ readonly model?: string | undefined; readonly input: ModerationInput }> = z
  .strictObject({
    model: z
      .string()
      .max(256)
      .optional()
      .openapi({ description: 'Taken, not used: the checkers are those of the server.' }),
    input: z.union([z.string(), z.array(z.string()).min(1).max(32), z.array(part).min(1).max(32)]),
  })
  .openapi('ModerationRequest')

/** OpenAI's categories, and ours that it does not have. */
const categories = [
  'harassment',
  'harassment/threatening',
  'sexual',
  'sexual/minors',
  'hate',
  'hate/threatening',
  'illicit',
  'illicit/violent',
  'self-harm',
  'self-harm/intent',
  'self-harm/instructions',
  'violence',
  'violence/graphic',
  'drugs',
  'profanity',
] as const

const others: Readonly<Record<string, string>> = { drugs: 'illicit' }

/** One result, of one input. */
export function moderationResult({ verdict, verdicts }: Finding, type: 'text' | 'image'): Record<string, unknown> {
  const flagged = verdict !== 'none' && verdict.decision !== 'allow'
  const blocks = verdicts.filter(({ decision }) => decision === 'block')
  const found = new Set(blocks.flatMap(({ category = 'sexual' }) => [category, others[category] ?? category]))
  const names = [...new Set([...categories, ...found])]
  const score = (name: string) =>
    Math.max(
      0,
      ...blocks.filter(({ category = 'sexual' }) => category === name).map(v => v.score ?? 1),
      +found.has(name),
    )
  return {
    flagged,
    categories: Object.fromEntries(names.map(name => [name, found.has(name)])),
    category_scores: Object.fromEntries(names.map(name => [name, score(name)])),
    category_applied_input_types: Object.fromEntries(names.map(name => [name, verdicts.length > 0 ? [type] : []])),
    viscpm: { verdict, verdicts },
  }
}
