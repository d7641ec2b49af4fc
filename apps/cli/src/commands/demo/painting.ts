import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { BlockedError, isVisCPMError } from '@viscpm/core'
import { savePainting } from '@viscpm/paint/node'
import type { SafetySetup, SafetyState } from '@viscpm/safety'
import type { Context } from '../../context.js'
import { interruptible } from '../../interrupt.js'
import type { Painter } from '../../models.js'
import type { DeviceOptions } from '../../options/device.js'
import { schedulerOf } from '../../options/scheduler.js'
import { flaggedLines } from '../../safety/flagged.js'
import { colorsFor } from '../../terminal/colors.js'
import { oneLine } from '../../terminal/printable.js'
import type { ProgressView } from '../../terminal/progress.js'
import { shownPicture } from '../../terminal/show-picture.js'
import { generate, loadPainter } from '../paint/generate.js'
import { checkOutput } from '../paint/output.js'
import { demoBlocked, demoFolder, demoPainting } from './script.js'
import { withheldPicture } from './withheld-picture.js'

/** The current folder may be one that cannot be written to: then that of temporary files. @throws WriteFailedError */
async function fileToWrite(t: Context['t']): Promise<string> {
  const places = [process.cwd(), tmpdir()]
  for (const [i, place] of places.entries()) {
    const file = join(place, demoFolder, 'painting.png')
    try {
      await mkdir(join(place, demoFolder), { recursive: true }).catch(() => {})
      await checkOutput(file, 1, t)
      return file
    } catch (error) {
      if (i === places.length - 1 || !isVisCPMError(error, 'WRITE_FAILED')) throw error
    }
  }
  throw new Error('unreachable')
}

/**
 * Paints one picture with the embedded painter, shows it where the terminal can, and says where it is; then asks for one
 * that is not painted.
 * @throws FileNotFoundError, MissingDependencyError where there is no embedded painter; Interrupted
 */
export async function paintDemo(
  context: Context,
  how: DeviceOptions & { readonly setup: SafetySetup },
  progress: ProgressView,
): Promise<void> {
  const { io, t } = context
  const { bold, green, yellow } = colorsFor(io.stdout, io.env)
  const { scheduler: name, ...request } = demoPainting
  const file = await fileToWrite(t)
  io.stdout.write(`${bold(t.demo.paints)}\n${green('> ')}${demoPainting.prompt}\n`)
  const {
    best: chosen,
    refused,
    withheld,
    safety,
  } = await interruptible(io, async signal => {
    let painter: Painter | undefined
    try {
      painter = await loadPainter(context, { model: 'tiny', ...how }, progress, signal)
      const scheduler = schedulerOf({ scheduler: name }, t, painter.schedulerConfig)
      const { candidates, chosen } = await generate(
        context,
        painter,
        { ...request, ...(scheduler && { scheduler }), signal },
        progress,
        true,
      )
      const best = candidates[chosen[0]!]!
      if (best.withheld) throw new BlockedError({ message: t.paint.noneAllowed(1, 1), verdicts: [best.verdict] })
      await savePainting(file, best)
      return {
        best,
        refused: await refusal(context, painter, signal),
        withheld: await withheldPicture(how.setup, best.image, t, signal),
        safety: painter.safety,
      }
    } finally {
      await painter?.dispose()
    }
  })
  for (const line of shownPicture(chosen.image, io.stdout, io.env)) io.stdout.write(`${line}\n`)
  const shorter = relative(process.cwd(), file)
  io.stdout.write(`${oneLine(t.demo.painted(shorter.length < file.length ? shorter : file))}\n\n`)
  if (refused !== undefined)
    io.stdout.write(`${bold(t.demo.blocks)}\n${green('> ')}${demoBlocked}\n${yellow(refused)}\n`)
  if (withheld !== undefined) io.stdout.write(`${bold(t.demo.withholds)}\n${yellow(withheld)}\n`)
  if (uncheckedPictures(safety)) io.stdout.write(`${yellow(t.demo.picturesUnchecked)}\n`)
  io.stdout.write('\n')
}

/** What is said of a prompt that is not to be painted: the same call, stopped before the model. None where nobody is asked. */
async function refusal({ t }: Context, painter: Painter, signal: AbortSignal): Promise<string | undefined> {
  if (painter.safety.coverage.prompt === 'none') return undefined
  const { status, safety } = await painter.generate({ prompt: demoBlocked, steps: 1, candidates: 1, signal })
  return status === 'blocked' ? flaggedLines(t, safety.flagged).at(-1) : undefined
}

const uncheckedPictures = ({ policy, coverage }: SafetyState): boolean =>
  policy !== 'off' && coverage['painted-picture'] === 'none'
