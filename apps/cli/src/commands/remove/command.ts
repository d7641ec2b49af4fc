import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { confirm } from '../../terminal/confirm.js'
import { formatBytes } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'

export interface RemoveCommandOptions extends GlobalOptions {
  readonly yes?: boolean
  readonly cacheDir?: string
  readonly json?: boolean
}

/** `viscpm remove MODEL`. @returns 0 when it is gone, 1 when it was to stay */
export async function remove(context: Context, name: string, options: RemoveCommandOptions): Promise<number> {
  const { io, t } = context
  const texts = t.models.remove
  const { listModels, removeDownloaded } = await import('@viscpm/models/node')
  const { findZooModel } = await import('@viscpm/models')
  const given = { env: io.env, ...(options.cacheDir !== undefined && { cacheDir: options.cacheDir }) }
  if (!options.yes) {
    const id = findZooModel(name)?.id ?? name
    const found = (await listModels(given)).find(one => one.id === id && one.state !== 'absent')
    const question = texts.question(oneLine(id), formatBytes(found?.bytes ?? 0))
    if (found && !(await confirm(context, question, { message: texts.needsYes, hint: texts.needsYesHint }))) {
      io.stderr.write(`${texts.kept}\n`)
      return exitCodes.error
    }
  }
  const { id, bytes } = await removeDownloaded(name, given)
  if (options.json) io.stdout.write(`${JSON.stringify({ id, bytes })}\n`)
  else io.stdout.write(`${oneLine(texts.removed(id, formatBytes(bytes)))}\n`)
  return exitCodes.ok
}
