import type { PaintedPicture, PaintedResult } from '../../jobs/types.js'
import { HttpError } from '../errors.js'

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

function datum(picture: PaintedPicture, chosen: boolean): Record<string, unknown> {
  const { png, score, verdict, action, withheld, metadata, picture: of } = picture
  const { seed } = metadata
  return { b64_json: base64(png), viscpm: { chosen, picture: of, score, seed, verdict, action, withheld, metadata } }
}

/** @throws HttpError when a checker did not allow what was given: then nothing was painted */
export function checkPainted({ status, safety }: PaintedResult): void {
  if (status !== 'blocked') return
  const stage = safety.flagged.at(-1)?.stage
  const param = stage === 'negative-prompt' ? 'negative_prompt' : stage === 'source-picture' ? 'image' : 'prompt'
  const message = 'A safety checker did not allow what was given; nothing was painted.'
  throw new HttpError(400, 'content_filter', message, { param, viscpm: { status, safety } })
}

/** The chosen pictures, or all. */
export function picturesOf({ candidates, chosen }: PaintedResult, all: boolean): Record<string, unknown>[] {
  const indices = all ? candidates.keys() : chosen
  return [...indices].map(i => datum(candidates[i]!, chosen.includes(i)))
}

/** What OpenAI has no place for. */
function extrasOf({ status, chosen, ranking, safety, timings, candidates }: PaintedResult): Record<string, unknown> {
  return { status, chosen, ranking, safety, timings, seed: candidates[0]?.metadata.seed }
}

/** @throws HttpError for what was blocked */
export function imagesResponse(result: PaintedResult, all: boolean): Record<string, unknown> {
  checkPainted(result)
  return {
    created: Math.floor(Date.now() / 1000),
    background: 'opaque',
    output_format: 'png',
    data: picturesOf(result, all),
    viscpm: extrasOf(result),
  }
}

export type ImageEvent = 'image_generation' | 'image_edit'

const eventHead = (size: string | undefined) => ({
  created_at: Math.floor(Date.now() / 1000),
  size: size ?? 'auto',
  quality: 'auto',
  background: 'opaque',
  output_format: 'png',
})

export function partialEvent(
  of: ImageEvent,
  index: number,
  images: readonly Uint8Array[],
  size: string | undefined,
): Record<string, unknown> {
  const [first, ...others] = images.map(base64)
  return {
    type: `${of}.partial_image`,
    b64_json: first,
    partial_image_index: index,
    ...eventHead(size),
    viscpm: { others },
  }
}

/** One event for each picture; the first also says what is said of all. @throws HttpError for what was blocked */
export function completedEvents(
  of: ImageEvent,
  result: PaintedResult,
  all: boolean,
  size: string | undefined,
): Record<string, unknown>[] {
  checkPainted(result)
  // Nothing is counted in tokens here, but clients expect the fields.
  const usage = { total_tokens: 0, input_tokens: 0, output_tokens: 0 }
  const details = { input_tokens_details: { text_tokens: 0, image_tokens: 0 } }
  return picturesOf(result, all).map((picture, i) => ({
    type: `${of}.completed`,
    ...eventHead(size),
    usage: { ...usage, ...details },
    b64_json: picture.b64_json,
    viscpm: { ...(picture.viscpm as object), ...(i === 0 && { result: extrasOf(result) }) },
  }))
}
