import { z } from '@hono/zod-openapi'
import { type PresetName, presets } from '@viscpm/paint'
import { type NeutralImage, neutralImage } from './neutral.js'
import { about, type Shape, whole } from './shape.js'

export interface ImageFields extends NeutralImage {
  readonly model?: string | undefined
  readonly prompt: string
  readonly negative_prompt?: string | undefined
  readonly n?: number | undefined
  readonly size?: string | undefined
  readonly response_format?: 'b64_json' | undefined
  readonly seed?: number | string | undefined
  readonly steps?: number | undefined
  readonly guidance_scale?: number | undefined
  readonly scheduler?: string | Readonly<Record<string, unknown>> | undefined
  readonly candidates?: number | undefined
  readonly preset?: PresetName | undefined
  readonly include_candidates?: boolean | undefined
}

interface Streaming {
  readonly stream?: boolean | undefined
  readonly partial_images?: number | undefined
}

const fields: Shape<ImageFields> = {
  model: z.string().max(256).optional().openapi(about('Default: the first one that paints.')),
  prompt: z.string().max(32_000),
  negative_prompt: z.string().max(32_000).optional(),
  n: whole(1, 10).optional(),
  size: z
    .union([z.literal('auto'), z.string().regex(/^\d{1,4}x\d{1,4}$/, 'must be WIDTHxHEIGHT')])
    .optional()
    .openapi({ example: '512x512' }),
  response_format: z.literal('b64_json').optional(),
  seed: z
    .union([z.int(), z.string().regex(/^-?\d{1,20}$/, 'must be a whole number')])
    .optional()
    .openapi(about('As a string where it passes 2^53.')),
  steps: whole(1, 1000).optional(),
  guidance_scale: z.number().min(0).max(100).optional(),
  scheduler: z
    .union([z.string().max(64), z.record(z.string(), z.unknown())])
    .optional()
    .openapi(about("diffusers' class name, or a scheduler_config.json.")),
  candidates: whole(1, 16).optional().openapi(about('Pictures painted for each one, of which the best is chosen.')),
  preset: z.enum(Object.keys(presets) as PresetName[]).optional(),
  include_candidates: z.boolean().optional().openapi(about('All that were painted, not only the chosen.')),
  ...neutralImage,
}

const streaming: Shape<Streaming> = {
  stream: z.boolean().optional(),
  partial_images: whole(0, 100).optional().openapi(about('Previews that are sent at most, with stream.')),
}

export interface ImageBody extends ImageFields, Streaming {}

export const imageBody: z.ZodType<ImageBody> = z
  .strictObject({ ...fields, ...streaming })
  .openapi('ImageGenerationRequest')

const strength = z.number().gt(0).max(1).optional()
const fidelity = z.enum(['low', 'high']).optional().openapi(about('Taken, not used: see strength.'))

export interface EditBody extends ImageBody {
  readonly strength?: number | undefined
  readonly input_fidelity?: string | undefined
}

const editFields: Shape<EditBody> = { ...fields, ...streaming, strength, input_fidelity: fidelity }

/** Fields of a form that are texts; all others are written as JSON has them. */
const texts: ReadonlySet<string> = new Set(['prompt', 'negative_prompt', 'model', 'size', 'user'])

function fromText(value: unknown): unknown {
  try {
    return typeof value === 'string' ? JSON.parse(value) : value
  } catch {
    return value
  }
}

/** The texts of a form; its files are looked at apart. */
export const editBody: z.ZodType<EditBody> = z.strictObject(
  Object.fromEntries(
    Object.entries(editFields).map(([name, type]) => [name, texts.has(name) ? type : z.preprocess(fromText, type)]),
  ) as Shape<EditBody>,
)

const file = z.string().openapi({ format: 'binary', ...about('A file, or the id of an uploaded one.') })

/** The form as openapi.json describes it. */
export const editForm: z.ZodType = z
  .strictObject({ image: file, mask: file.optional(), ...editFields })
  .openapi('ImageEditRequest')

export interface PaintJobFields extends ImageFields {
  readonly image?: string | undefined
  readonly mask?: string | undefined
  readonly strength?: number | undefined
  readonly previews?: boolean | undefined
}

/** Of a job: pictures are data URLs, or ids of uploaded files. */
export const paintJobFields: Shape<PaintJobFields> = {
  ...fields,
  image: z.string().optional().openapi(about('Picture to start from, as a data URL or the id of an uploaded file.')),
  mask: z.string().optional().openapi(about('Where to paint anew, in the same way.')),
  strength,
  previews: z.boolean().optional().openapi(about('Whether preview events are wanted. Default true.')),
}
