import { type Image, InvalidArgumentError, type TaskOptions } from '@viscpm/core'
import { canvasCodec } from '@viscpm/core/web'
import { type GenerateOptions, type PaintResult, paintedPng, type VisCPMPaint } from '@viscpm/paint'
import { type Scheduler, type SchedulerConfig, schedulerFromConfig } from '@viscpm/unet-sampler'
import type { Painted, PaintReply, PaintRequest, PaintSettings, Picture } from '../types.js'
import { fit } from './fit.js'
import { Latest } from './latest.js'
import { candidateNotes, requestNotes } from './safety-notes.js'

/** A request as it is sent to the worker. */
export type SentPaint = Omit<PaintRequest, 'signal' | 'onProgress' | 'onPreview'> & {
  /** Whether previews are wanted. */
  readonly previews: boolean
}

export interface Preview {
  readonly images: readonly Picture[]
  readonly step: number
  readonly steps: number
}

/** How it looks so far, and last the reply. */
export type PaintItem = { readonly preview: Preview } | { readonly reply: PaintReply }

const codec = canvasCodec()
const png = (bytes: Uint8Array) => new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/png' })

/**
 * Paints; whoever is slow in looking at previews misses some, never the last.
 * @param trained how the model was trained, for schedulers that are named
 * @throws what `VisCPMPaint.generate` throws
 */
export async function* paint(
  painter: VisCPMPaint,
  trained: SchedulerConfig | undefined,
  { previews, ...request }: SentPaint,
  task: TaskOptions,
): AsyncGenerator<PaintItem> {
  const start = performance.now()
  const seen = new Latest<{ step: number; steps: number; images: Image[] }>()
  const options = await optionsOf(painter, trained, request)
  const painting = painter
    .generate({
      ...options,
      ...task,
      ...(previews && { onStep: ({ step, steps, preview }) => seen.put({ step, steps, images: preview() }) }),
    })
    .finally(() => seen.end())
  painting.catch(() => {}) // waited for below; until then a failure is nobody's
  for await (const { step, steps, images } of seen) {
    const files = await Promise.all(images.map(async image => png(await codec.encode(image, 'png'))))
    yield { preview: { step, steps, images: files } }
  }
  const result = await painting
  yield { reply: await replyOf(result, request, performance.now() - start) }
}

type Asked = Omit<SentPaint, 'previews'>

async function optionsOf(
  painter: VisCPMPaint,
  trained: SchedulerConfig | undefined,
  { image, mask, seed, scheduler, ...settings }: Asked,
): Promise<GenerateOptions> {
  const { width = painter.defaultSize, height = painter.defaultSize } = settings
  const picture = async (blob: Blob) =>
    fit(await codec.decode(new Uint8Array(await blob.arrayBuffer()), { grey16: 'scale' }), width, height)
  return {
    ...settings,
    ...(seed !== undefined && { seed: seedOf(seed) }),
    ...(scheduler !== undefined && { scheduler: schedulerOf(scheduler, trained) }),
    ...(image && { image: await picture(image) }),
    ...(mask && { mask: await picture(mask) }),
  }
}

function seedOf(text: string): bigint {
  if (/^\d{1,20}$/.test(text)) return BigInt(text)
  throw new InvalidArgumentError({ argument: 'seed', message: `must be a whole number from 0 on, not ${text}` })
}

/** The original's scheduler as the original's library reads the model's file; the others as newer ones do. */
function schedulerOf(name: string, trained: SchedulerConfig | undefined): Scheduler {
  const config = { ...trained, _class_name: name } as SchedulerConfig
  return schedulerFromConfig(config, name === 'DDPMScheduler' ? { diffusersVersion: '0.15.0' } : {})
}

async function replyOf(result: PaintResult, asked: Asked, took: number): Promise<PaintReply> {
  const { status, candidates, chosen, safety } = result
  const painted = candidates.map(
    async (candidate, i): Promise<Painted> => ({
      picture: png(await paintedPng(candidate, codec)),
      ...(candidate.score !== undefined && { score: candidate.score }),
      chosen: chosen.includes(i),
      withheld: candidate.withheld,
      safety: candidateNotes(candidate),
    }),
  )
  const files = await Promise.all(painted)
  return { status, candidates: files, settings: settingsOf(result, asked), safety: requestNotes(safety), took }
}

/** As used: nothing was where it was blocked, but for what was asked and the seed. */
function settingsOf({ candidates, seed }: PaintResult, { image, mask, ...asked }: Asked): PaintSettings {
  const used = candidates[0]?.metadata
  const { steps, guidanceScale, scheduler, width, height, strength } = used ?? {}
  return {
    ...asked,
    seed: String(seed),
    ...(steps !== undefined && { steps }),
    ...(guidanceScale !== undefined && { guidanceScale }),
    ...(scheduler && { scheduler: String(scheduler._class_name) }),
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(used && { candidates: used.candidates }),
    ...(strength !== undefined && { strength }),
  }
}
