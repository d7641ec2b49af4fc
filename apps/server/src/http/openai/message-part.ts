import { z } from '@hono/zod-openapi'
import { about } from './shape.js'

export interface TextPart {
  readonly type: 'text'
  readonly text: string
}

interface FileReference {
  readonly file_id: string
  readonly detail?: string | undefined
}

/** A picture in a message, in each of the forms that OpenAI's APIs have for it. */
export type PicturePart =
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string; readonly detail?: string | undefined } }
  | { readonly type: 'image_file'; readonly image_file: FileReference }
  | { readonly type: 'file'; readonly file: { readonly file_id: string } }
  | ({ readonly type: 'input_image'; readonly image_url?: string | null | undefined } & Partial<
      Record<'file_id' | 'detail', string | null | undefined>
    >)

export const textPart: z.ZodObject<{ type: z.ZodLiteral<'text'>; text: z.ZodString }, z.core.$strict> = z.strictObject({
  type: z.literal('text'),
  text: z.string(),
})
const detail = z.enum(['auto', 'low', 'high']).optional()
const url = z.string().openapi(about('data:image/png;base64,... (PNG, JPEG, WebP, GIF), or the id of an uploaded file'))
const fileId = z
  .string()
  .regex(/^file-[A-Za-z0-9]{1,64}$/, 'must be the id of an uploaded file: file-...')
  .openapi(about('Of POST /v1/files.'))

const imageUrl = z.strictObject({ type: z.literal('image_url'), image_url: z.strictObject({ url, detail }) })
const imageFile = z.strictObject({
  type: z.literal('image_file'),
  image_file: z.strictObject({ file_id: fileId, detail }),
})
const file = z.strictObject({ type: z.literal('file'), file: z.strictObject({ file_id: fileId }) })
const inputImage = z
  .strictObject({
    type: z.literal('input_image'),
    image_url: url.nullish(),
    file_id: fileId.nullish(),
    detail: detail.nullable(),
  })
  .refine(part => (part.image_url == null) !== (part.file_id == null), 'must have either image_url or file_id')

export const contentPart: z.ZodType<TextPart | PicturePart> = z.discriminatedUnion('type', [
  textPart,
  imageUrl,
  imageFile,
  file,
  inputImage,
])

/** Where its picture is: a URL, or the id of a file. */
export function pictureUrl(part: PicturePart): string {
  switch (part.type) {
    case 'image_url':
      return part.image_url.url
    case 'image_file':
      return part.image_file.file_id
    case 'file':
      return part.file.file_id
    case 'input_image':
      return (part.image_url ?? part.file_id)!
  }
}
