import { z } from '@hono/zod-openapi'
import { contentPart, type PicturePart, type TextPart, textPart } from './message-part.js'
import { type NeutralChat, neutralChat } from './neutral.js'
import { about, type Shape, whole } from './shape.js'

export type ChatMessage =
  | { readonly role: 'user'; readonly content: string | readonly (TextPart | PicturePart)[] }
  | { readonly role: 'assistant'; readonly content: string | readonly TextPart[] }

export interface ChatFields extends NeutralChat {
  readonly model?: string | undefined
  readonly messages: readonly ChatMessage[]
  readonly decoding?: 'greedy' | 'beam' | 'sample' | undefined
  readonly beam_size?: number | undefined
  readonly temperature?: number | undefined
  readonly top_p?: number | undefined
  readonly top_k?: number | undefined
  readonly min_p?: number | undefined
  readonly repetition_penalty?: number | undefined
  readonly length_penalty?: number | undefined
  readonly seed?: number | undefined
  readonly lookup?: boolean | undefined
  readonly max_tokens?: number | undefined
  readonly max_completion_tokens?: number | undefined
}

export interface ChatBody extends ChatFields {
  readonly stream?: boolean | undefined
  readonly stream_options?:
    | { readonly include_usage?: boolean | undefined; readonly include_obfuscation?: false | undefined }
    | undefined
}

const userMessage = z.strictObject({
  role: z.literal('user'),
  content: z.union([z.string(), z.array(contentPart).min(1)]),
  name: z.string().optional(),
})
const assistantMessage = z.strictObject({
  role: z.literal('assistant'),
  content: z.union([z.string(), z.array(textPart).min(1)]),
  name: z.string().optional(),
  refusal: z.null().optional(),
})
const messages = z
  .array(z.discriminatedUnion('role', [userMessage, assistantMessage]))
  .min(1)
  .max(400)

export const chatFields: Shape<ChatFields> = {
  model: z.string().max(256).optional().openapi(about('Default: the first one that chats.')),
  messages: messages.openapi(
    about('A talk about one picture, which a user message brings along; ends with a question.'),
  ),
  decoding: z
    .enum(['greedy', 'beam', 'sample'])
    .optional()
    .openapi(
      about(
        "Default: 'sample' with temperature above 0, top_p, top_k, min_p or seed; 'greedy' with temperature 0; else the model's.",
      ),
    ),
  beam_size: whole(1, 16).optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  top_k: whole(0, 1_000_000).optional(),
  min_p: z.number().min(0).max(1).optional(),
  repetition_penalty: z.number().min(1).max(10).optional(),
  length_penalty: z.number().min(-10).max(10).optional(),
  seed: z.int().min(0).optional(),
  lookup: z.boolean().optional(),
  max_tokens: whole(1, 4096).optional(),
  max_completion_tokens: whole(1, 4096).optional(),
  ...neutralChat,
}

const streamOptions = z.strictObject({
  include_usage: z.boolean().optional(),
  include_obfuscation: z.literal(false).optional(),
})

export const chatBody: z.ZodType<ChatBody> = z
  .strictObject({ ...chatFields, stream: z.boolean().optional(), stream_options: streamOptions.optional() })
  .openapi('ChatCompletionRequest')
