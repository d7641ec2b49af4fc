import { stat } from 'node:fs/promises'
import { isModelId } from '@viscpm/core'
import { findZooModel } from '@viscpm/models'
import type { VerifiedModel } from '@viscpm/models/node'
import type { Context } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { UsageError } from '../../failures.js'
import { interruptible } from '../../interrupt.js'
import { colorsFor } from '../../terminal/colors.js'
import { formatBytes } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'
import type { VerifyCommandOptions } from './command.js'

/** Whether a model of the cache is meant: an id or short name, where no folder has that name. */
export async function isDownloadedModel(name: string): Promise<boolean> {
  if (!isModelId(name) && !findZooModel(name)) return false
  return stat(name).then(
    () => false,
    () => true,
  )
}

/** `viscpm verify MODEL`. @returns 0 when every file is what it should be, else 1 */
export async function verifyModel(context: Context, name: string, options: VerifyCommandOptions): Promise<number> {
  const { io, t } = context
  for (const option of ['source', 'workers'] as const)
    if (options[option] !== undefined)
      throw new UsageError(t.parsing.unknownOption(`--${option}`), t.parsing.seeHelp('viscpm verify'))
  const { verifyDownloaded } = await import('@viscpm/models/node')
  const progress = new ProgressView(io, t, options.quiet === true)
  progress.start(t.verify.verifying(oneLine(name)), { phases: t.models.download.phases })
  let result: VerifiedModel
  try {
    result = await interruptible(io, signal =>
      verifyDownloaded(name, { env: io.env, signal, onProgress: progress.update }),
    )
    progress.done(t.verify.verified)
  } finally {
    progress.stop()
  }
  const bad = result.files.filter(({ state }) => state !== 'good').length
  if (options.json) io.stdout.write(`${JSON.stringify({ ok: bad === 0, ...result })}\n`)
  else for (const line of lines(context, result, bad)) io.stdout.write(`${line}\n`)
  return bad === 0 ? exitCodes.ok : exitCodes.error
}

function lines({ io, t }: Context, { id, files }: VerifiedModel, bad: number): string[] {
  const texts = t.models.verify
  const colors = colorsFor(io.stdout, io.env)
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  return [
    ...files.map(({ path, state, evidence, problem }) => {
      const why = state === 'good' ? texts.evidence[evidence] : (problem ?? '')
      return oneLine(`${path}: ${texts.states[state]}${why ? ` (${why})` : ''}`)
    }),
    ...(bad === 0
      ? [colors.green(texts.good(String(files.length), formatBytes(bytes)))]
      : [colors.red(texts.bad(String(bad))), colors.dim(texts.badHint(id))]),
  ]
}
