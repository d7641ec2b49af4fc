import type { VerifyResult } from '@viscpm/core/node'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { interruptible } from '../../interrupt.js'
import { colorsFor } from '../../terminal/colors.js'
import { formatBytes } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'

export interface VerifyCommandOptions extends GlobalOptions {
  readonly source?: string
  readonly workers?: number
  readonly json?: boolean
}

/** Problems that are listed; all of them are with `--json`. */
const listed = 20

/** `viscpm verify FOLDER`, or a downloaded model by its id. @returns 0 when everything is as it was written, else 1 */
export async function verify(context: Context, folder: string, options: VerifyCommandOptions): Promise<number> {
  const { io, t } = context
  const { isDownloadedModel, verifyModel } = await import('./model.js')
  if (await isDownloadedModel(folder)) return verifyModel(context, folder, options)
  const { verifyCheckpoint } = await import('@viscpm/core/node')
  const progress = new ProgressView(io, t, options.quiet === true)
  const { source, workers } = options
  progress.start(t.verify.verifying(oneLine(folder)), { phases: t.quantize.phases })
  let result: VerifyResult
  try {
    result = await interruptible(io, signal =>
      verifyCheckpoint(folder, {
        ...{ signal, onProgress: progress.update },
        ...(source !== undefined && { source }),
        ...(workers !== undefined && { workers }),
      }),
    )
    progress.done(t.verify.verified)
  } finally {
    progress.stop()
  }
  const { problems, tensors, bytes, manifest } = result
  const ok = problems.length === 0
  if (options.json) {
    const object = { ok, folder, problems, tensors, bytes, source: result.source, chain: manifest.chain }
    io.stdout.write(`${JSON.stringify(object)}\n`)
  } else for (const line of resultLines(context, result)) io.stdout.write(`${line}\n`)
  return ok ? exitCodes.ok : exitCodes.error
}

function resultLines({ io, t }: Context, { problems, tensors, bytes, source }: VerifyResult): string[] {
  const colors = colorsFor(io.stdout, io.env)
  if (problems.length === 0)
    return [colors.green(t.verify.good(tensors, formatBytes(bytes))), colors.dim(t.verify.sources[source])]
  return [
    ...problems.slice(0, listed).map(({ kind, name }) => oneLine(t.verify.problems[kind](name))),
    ...(problems.length > listed ? [t.verify.more(problems.length)] : []),
    colors.red(t.verify.bad(problems.length)),
    colors.dim(t.verify.badHint),
  ]
}
