import { readFile } from 'node:fs/promises'
import type { Image } from '@viscpm/core'
import type { HostContext } from '@viscpm/core/host'
import { sharpCodec } from '@viscpm/core/node'
import { type Candidate, type PaintResult, type VisCPMPaint as PureVisCPMPaint, paintedPng } from '@viscpm/paint'
import { findPainter, VisCPMPaint } from '@viscpm/paint/node'
import type { SafetySetup } from '@viscpm/safety'
import { buildSafety, type OpenSafety } from '@viscpm/safety/node'
import { type DenoisingStep, type SchedulerConfig, type Seed, schedulerFromConfig } from '@viscpm/unet-sampler'
import type { PaintedPicture, PaintedResult, PaintRequest } from '../jobs/types.js'
import type { LoadSettings } from './options.js'
import { decodeMask, decodePicture } from './picture.js'
import { sparseProgress } from './sparse-progress.js'

export interface PaintModelInfo {
  readonly name: string
  /** Side in pixels of a picture whose size is not given. */
  readonly size: number
  /** What widths and heights must be divisible by. */
  readonly sizeStep: number
  readonly steps: number
  readonly guidanceScale: number
}

export type PaintItem =
  | { readonly step: number; readonly steps: number; readonly images: readonly Uint8Array[] }
  | { readonly result: PaintedResult }

/** Least milliseconds between two previews. */
const previewMs = 250

/** A painter in a process of its own: files come in and go out, and everything is checked there. */
export class PaintService {
  constructor(
    private readonly painter: PureVisCPMPaint,
    private readonly guarding: OpenSafety,
    /** How it was trained, where a file says so. */
    private readonly trained: SchedulerConfig | undefined,
  ) {}

  info(): PaintModelInfo {
    const { name, defaultSize, sizeStep, defaults } = this.painter
    return { name, size: defaultSize, sizeStep, ...defaults }
  }

  async *paint(request: Omit<PaintRequest, 'kind' | 'model'>, context: HostContext): AsyncGenerator<PaintItem> {
    const { scheduler, seed, image, mask, previews, ...rest } = request
    const { signal, onProgress } = context
    const [picture, masked] = [image && (await decodePicture(image)), mask && (await decodeMask(mask))]
    let newest: { readonly step: number; readonly steps: number; readonly images: readonly Image[] } | undefined
    let [shown, ended, wake] = [0, false, () => {}]
    const onStep = (step: DenoisingStep): void => {
      const now = performance.now()
      if (now - shown < previewMs) return
      shown = now
      const images = previewOf(step)
      if (images) newest = { step: step.step, steps: step.steps, images }
      wake()
    }
    const painting = this.painter
      .generate({
        ...rest,
        ...(seed !== undefined && { seed: seedOf(seed) }),
        ...(scheduler && { scheduler: schedulerFromConfig({ ...this.trained, ...scheduler }) }),
        ...(picture && { image: picture }),
        ...(masked && { mask: masked }),
        ...(previews && { onStep }),
        signal,
        onProgress: sparseProgress(onProgress),
      })
      .finally(() => {
        ended = true
        wake()
      })
    // It is waited for below; until then a failure is nobody's.
    painting.catch(() => {})
    while (!ended) {
      if (newest) {
        const { images, ...step } = newest
        newest = undefined
        yield { ...step, images: await Promise.all(images.map(small => sharpCodec().encode(small, 'png'))) }
      } else
        await new Promise<void>(resolve => {
          wake = resolve
        })
    }
    yield { result: await filesOf(await painting) }
  }

  async dispose(): Promise<void> {
    await this.painter.dispose()
    await this.guarding.dispose()
  }
}

const seedOf = (seed: string): Seed => (Number.isSafeInteger(Number(seed)) ? Number(seed) : BigInt(seed))

/** Small pictures, or nothing: a preview is no reason to fail. */
function previewOf(step: DenoisingStep): Image[] | undefined {
  try {
    return step.preview()
  } catch {
    return undefined
  }
}

async function filesOf(painted: PaintResult): Promise<PaintedResult> {
  const { status, chosen, ranking, safety, timings } = painted
  const candidates = await Promise.all(painted.candidates.map(fileOf))
  return { kind: 'paint', status, chosen, ranking, safety, timings, candidates }
}

async function fileOf(candidate: Candidate): Promise<PaintedPicture> {
  const { picture, score, verdict, action, withheld, metadata } = candidate
  const png = await paintedPng(candidate, sharpCodec())
  return { png, picture, ...(score !== undefined && { score }), verdict, action, withheld, metadata }
}

/** Makes the service; called in its process. */
export async function paintService(
  where: string,
  settings: LoadSettings,
  setup: SafetySetup,
  { signal, onProgress }: HostContext,
): Promise<PaintService> {
  const guarding = await buildSafety(setup, { signal, onProgress })
  try {
    const { safety } = guarding
    const painter = await VisCPMPaint.load(where, { ...settings, safety, signal, onProgress })
    const { schedulerConfig } = await findPainter(where)
    const trained = schedulerConfig === undefined ? undefined : JSON.parse(await readFile(schedulerConfig, 'utf8'))
    return new PaintService(painter, guarding, trained)
  } catch (error) {
    await guarding.dispose()
    throw error
  }
}
