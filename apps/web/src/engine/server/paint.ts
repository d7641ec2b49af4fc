import type { Size } from '../../paint/sizes.js'
import { EngineError } from '../errors.js'
import type { EngineModel, PaintReply, PaintRequest, Picture } from '../types.js'
import { dataOf, eventsOf } from './events.js'
import { failureIn } from './failures.js'
import { dataUrlOf, field, listOf, numberOf, pictureOf, textOf } from './fields.js'
import type { Connection } from './http.js'
import { modelFor } from './models.js'
import { paintReply } from './painted.js'

/** A picture in another size. */
export type Fit = (picture: Picture, size: Size) => Promise<Picture>

/** Paints as a job, which tells its place in the queue, its progress and previews. @throws EngineError; the signal's reason */
export async function paint(connection: Connection, request: PaintRequest, fit: Fit): Promise<PaintReply> {
  const started = performance.now()
  const { signal } = request
  const model = await modelFor('paint', connection, signal)
  const body = await bodyOf(request, model, fit)
  const job = await connection.json('v1/jobs', { method: 'POST', body, signal })
  const id = textOf(field(job, 'id'))
  if (id === undefined) throw new EngineError('broken', 'The server took the job, but did not name it.')
  const path = `v1/jobs/${encodeURIComponent(id)}`
  let done = false
  // Nobody waits for this: whoever leaves or cancels has gone on, and a job that is done stays done.
  const cancel = (): void => {
    if (!done) connection.call(path, { method: 'DELETE', keepalive: true }).catch(() => {})
  }
  signal.addEventListener('abort', cancel, { once: true })
  // Not everywhere is a page that can be left.
  globalThis.addEventListener?.('pagehide', cancel, { once: true })
  try {
    const position = numberOf(field(job, 'position'))
    if (position !== undefined && position > 0) request.onProgress?.({ phase: 'queued', done: position })
    await followWithPlace(connection, path, request, position ?? 0)
    const result = await connection.json(`${path}/result?include_candidates=true`, { signal })
    done = true
    return paintReply(result, request, performance.now() - started)
  } catch (error) {
    if (!signal.aborted) cancel()
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
    globalThis.removeEventListener?.('pagehide', cancel)
  }
}

async function bodyOf(request: PaintRequest, model: EngineModel, fit: Fit): Promise<object> {
  const { prompt, negativePrompt, seed, steps, guidanceScale, scheduler, width, height, candidates } = request
  const body: Record<string, unknown> = {
    kind: 'paint',
    model: model.id,
    prompt,
    negative_prompt: negativePrompt === '' ? undefined : negativePrompt,
    n: 1,
    size: width !== undefined && height !== undefined ? `${width}x${height}` : undefined,
    seed,
    steps,
    guidance_scale: guidanceScale,
    scheduler,
    candidates,
    response_format: 'b64_json',
    previews: request.onPreview !== undefined,
  }
  if (request.image) {
    // The server paints a picture in its own size, and that of a photo is none that models paint.
    const fitted = (picture: Picture): Picture | Promise<Picture> => {
      const size = { width: width ?? model.size, height: height ?? model.size }
      return isSize(size) ? fit(picture, size) : picture
    }
    body.image = await dataUrlOf(await fitted(request.image))
    body.strength = request.strength
    if (request.mask) body.mask = await dataUrlOf(await fitted(request.mask))
  }
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}

function isSize(size: { [side in keyof Size]: number | undefined }): size is Size {
  return size.width !== undefined && size.height !== undefined
}

/** Milliseconds between two questions for the place in the queue. */
const placeInterval = 2_000

/** Follows the job, and while others are before it asks how many. */
async function followWithPlace(
  connection: Connection,
  path: string,
  request: PaintRequest,
  position: number,
): Promise<void> {
  if (position === 0) return follow(connection, path, request)
  const ask = async (): Promise<void> => {
    const state = await connection.json(path, { signal: request.signal })
    const before = numberOf(field(state, 'position'))
    if (started || field(state, 'status') !== 'queued' || before === undefined) return
    request.onProgress?.({ phase: 'queued', done: before })
  }
  let started = false
  // A question that is not answered is asked again soon.
  const timer = setInterval(() => ask().catch(() => {}), placeInterval)
  const onProgress: PaintRequest['onProgress'] = progress => {
    started ||= progress.phase !== 'queued'
    if (started) clearInterval(timer)
    request.onProgress?.(progress)
  }
  try {
    await follow(connection, path, { ...request, onProgress })
  } finally {
    clearInterval(timer)
  }
}

/** Reads the job's events until its end. @throws EngineError of a job that failed */
async function follow(connection: Connection, path: string, request: PaintRequest): Promise<void> {
  const response = await connection.call(`${path}/events`, { signal: request.signal })
  for await (const event of eventsOf(response, request.signal)) {
    if (event.data === '[DONE]') return
    const data = dataOf(event)
    const type = textOf(field(data, 'type')) ?? event.event
    if (type === 'queued') request.onProgress?.({ phase: 'queued', done: numberOf(field(data, 'position')) ?? 0 })
    else if (type === 'started') request.onProgress?.({ phase: 'started', done: 0 })
    else if (type === 'progress') tellProgress(field(data, 'progress') ?? data, request)
    else if (type === 'preview') tellPreview(data, request)
    else if (type === 'failed' || type === 'error') throw failureIn(data)
    else if (type === 'cancelled') throw new EngineError('failed', 'The job was cancelled.')
    else if (type === 'done') return
  }
  throw new EngineError('broken', 'The connection to the server broke.')
}

function tellProgress(progress: unknown, request: PaintRequest): void {
  const phase = textOf(field(progress, 'phase'))
  if (phase === undefined) return
  const total = numberOf(field(progress, 'total'))
  const done = numberOf(field(progress, 'done')) ?? 0
  request.onProgress?.(total === undefined ? { phase, done } : { phase, done, total })
}

function tellPreview(data: unknown, request: PaintRequest): void {
  const images = listOf(field(data, 'images')).flatMap(image => textOf(image) ?? textOf(field(image, 'b64_json')) ?? [])
  const step = numberOf(field(data, 'step')) ?? 0
  const steps = numberOf(field(data, 'steps')) ?? step
  if (images.length > 0) request.onPreview?.(images.map(pictureOf), step, steps)
}
