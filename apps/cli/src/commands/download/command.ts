import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isVisCPMError, type LicenseError } from '@viscpm/core'
import type { DownloadedModel, DownloadOptions, LicenseQuestion } from '@viscpm/models/node'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { CommandError } from '../../failures.js'
import { interruptible } from '../../interrupt.js'
import { colorsFor } from '../../terminal/colors.js'
import { confirm } from '../../terminal/confirm.js'
import { formatBytes } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'

export interface DownloadCommandOptions extends GlobalOptions {
  readonly acceptLicense?: boolean
  readonly endpoint?: readonly string[]
  readonly cacheDir?: string
  readonly offline?: boolean
  /** False for `--no-companions`. */
  readonly companions?: boolean
  readonly json?: boolean
}

/** `viscpm download MODEL`. @returns 0 when all of it is there */
export async function download(context: Context, name: string, options: DownloadCommandOptions): Promise<number> {
  const { io } = context
  const { acceptLicenses, downloadModel, settingsOf } = await import('@viscpm/models/node')
  const { acceptLicense, endpoint, cacheDir, offline, companions } = options
  const given: DownloadOptions = {
    env: io.env,
    ...(acceptLicense && { acceptLicense }),
    ...(endpoint && { endpoints: endpoint }),
    ...(cacheDir !== undefined && { cacheDir }),
    ...(offline && { offline }),
    ...(companions === false && { companions }),
  }
  for (;;) {
    try {
      const model = await fetched(context, name, options, given, downloadModel)
      await report(context, model, options)
      return exitCodes.ok
    } catch (error) {
      if (!isVisCPMError(error, 'LICENSE')) throw error
      const question = (error as LicenseError).question as LicenseQuestion
      await ask(context, question)
      await acceptLicenses(settingsOf(given), [question])
    }
  }
}

async function fetched(
  { io, t }: Context,
  name: string,
  options: DownloadCommandOptions,
  given: DownloadOptions,
  downloadModel: (name: string, options: DownloadOptions) => Promise<DownloadedModel>,
): Promise<DownloadedModel> {
  const texts = t.models.download
  const progress = new ProgressView(io, t, options.quiet === true)
  progress.start(texts.starting(oneLine(name)), { phases: texts.phases })
  let begun = false
  const onRetry = (why: string) => {
    if (options.verbose && !options.quiet) io.stderr.write(`${oneLine(texts.retrying(why))}\n`)
  }
  try {
    const model = await interruptible(io, signal =>
      downloadModel(name, {
        ...given,
        signal,
        onRetry,
        onProgress(step) {
          begun = true
          progress.update(step)
        },
      }),
    )
    progress.done(texts.finished)
    return model
  } catch (error) {
    progress.stop()
    if (begun && !options.quiet) io.stderr.write(`${texts.resumable}\n`)
    throw error
  } finally {
    progress.stop()
  }
}

/** Shows a license, and asks. @throws CommandError where it is not accepted */
async function ask(context: Context, { model, license }: LicenseQuestion): Promise<void> {
  const { io, lang, t } = context
  const texts = t.models.download
  const colors = colorsFor(io.stderr, io.env)
  const lines = [
    texts.license(model, license.name),
    ...(license.nonCommercial ? [colors.bold(texts.nonCommercial)] : []),
    license.summary[lang],
    ...(license.url === undefined ? [] : [`${texts.readIt} ${license.url}`]),
  ]
  io.stderr.write(`${lines.map(line => oneLine(line)).join('\n')}\n`)
  const accepted = await confirm(context, texts.accept, { message: texts.noTerminal, hint: texts.noTerminalHint })
  if (!accepted) throw new CommandError(texts.refused, texts.refusedHint)
}

async function report({ io, t }: Context, model: DownloadedModel, options: DownloadCommandOptions): Promise<void> {
  const texts = t.models.download
  const sizes = await Promise.all(model.files.map(async path => (await stat(join(model.folder, path))).size))
  const bytes = sizes.reduce((sum, size) => sum + size, 0)
  const { id, kind, repo, commit, folder, path, files, companions } = model
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ id, kind, repo, commit, folder, path, files, companions, bytes })}\n`)
    return
  }
  const lines = [texts.ready(id, formatBytes(bytes)), texts.lies(folder)]
  if (kind === 'chat') lines.push(texts.use(`${io.command} chat cat.png --model ${id}`))
  if (kind === 'paint') lines.push(texts.use(`${io.command} paint "一只红色的猫" --model ${id}`))
  io.stdout.write(`${lines.map(oneLine).join('\n')}\n`)
}
