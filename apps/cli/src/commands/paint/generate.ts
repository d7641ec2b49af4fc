import { basename } from 'node:path'
import { FileNotFoundError, isVisCPMError } from '@viscpm/core'
import type { PaintResult, SafetyReport } from '@viscpm/paint'
import type { Reranker } from '@viscpm/reranker'
import type { SafetySetup } from '@viscpm/safety'
import type { Context } from '../../context.js'
import type { Messages } from '../../messages/index.js'
import type { Painter, PaintRequest, PaintStep } from '../../models.js'
import { type PainterModelOptions, painterOptions } from '../../options/painter-model.js'
import { InputBlocked } from '../../safety/blocked.js'
import type { ProgressView } from '../../terminal/progress.js'
import { shownPicture } from '../../terminal/show-picture.js'
import { showLoading } from '../load-model.js'
import { contactSheet } from './contact-sheet.js'

/** Least time between two previews: more could not be seen. */
const previewMs = 250
const previewColumns = 64

/** Loads a painter, showing how far it is. */
export async function loadPainter(
  context: Context,
  options: PainterModelOptions & { readonly setup: SafetySetup },
  progress: ProgressView,
  signal: AbortSignal,
  reranker?: Reranker,
): Promise<Painter> {
  const { services, t } = context
  try {
    return await showLoading(context, options.model, progress, signal, task =>
      services.loadPainter(options.model, {
        ...painterOptions(options),
        safety: options.setup,
        ...(reranker && { reranker, ranker: false }),
        ...task,
      }),
    )
  } catch (error) {
    throw options.model === 'tiny' ? asMissingPainter(error, t) : error
  }
}

/** Says what to do where the folder of the embedded painter is missing, and not something that was named. */
function asMissingPainter(error: unknown, t: Messages): unknown {
  if (!isVisCPMError(error, 'FILE_NOT_FOUND')) return error
  const { file } = error as FileNotFoundError
  if (basename(file) !== 'paint') return error
  return new FileNotFoundError({ file, message: t.paint.noPainter, hint: t.paint.noPainterHint, cause: error })
}

/**
 * Paints, showing how far it is, and how it looks so far where the terminal can.
 * @throws InputBlocked when a safety checker did not allow what was given, and the library's errors
 */
export async function generate(
  { io, t }: Context,
  painter: Painter,
  request: PaintRequest,
  progress: ProgressView,
  previews: boolean,
): Promise<PaintResult> {
  let shown = 0
  const onStep = ({ preview, step, steps }: PaintStep): void => {
    const now = performance.now()
    if (!preview || (now - shown < previewMs && step < steps)) return
    shown = now
    const small = contactSheet(
      preview.map(image => ({ image, chosen: false })),
      { columns: Math.min(preview.length, 4), labels: false },
    )
    progress.picture(shownPicture(small, io.stderr, io.env, previewColumns))
  }
  progress.start(t.paint.painting, { phases: t.paint.phases })
  try {
    const result = await painter.generate({
      ...request,
      onProgress: progress.update,
      ...(previews && progress.live && { onStep }),
    })
    if (result.status === 'blocked') throw blocked(result.safety)
    progress.done(t.paint.painted)
    return result
  } finally {
    progress.stop()
  }
}

/** Why nothing was painted: the last decision is the one that stopped it. */
function blocked({ flagged }: SafetyReport): InputBlocked {
  const decision = flagged.at(-1)
  if (!decision) throw new Error('what was blocked has no decision')
  return new InputBlocked(decision.stage, decision)
}
