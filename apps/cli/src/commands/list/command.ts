import type { ListedModel } from '@viscpm/models/node'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { colorsFor } from '../../terminal/colors.js'
import { displayWidth, formatBytes, padTo } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'

export interface ListCommandOptions extends GlobalOptions {
  readonly all?: boolean
  readonly cacheDir?: string
  readonly json?: boolean
}

/** `viscpm list`. @returns 0 */
export async function list(context: Context, options: ListCommandOptions): Promise<number> {
  const { io, t } = context
  const { listModels, settingsOf } = await import('@viscpm/models/node')
  const given = { env: io.env, ...(options.cacheDir !== undefined && { cacheDir: options.cacheDir }) }
  const { cacheDir } = settingsOf(given)
  const all = await listModels(given)
  const shown = options.all ? all : all.filter(({ state }) => state !== 'absent')
  if (options.json) {
    const models = shown.map(({ model, ...rest }) => ({ ...rest, kind: model?.kind, license: model?.license.id }))
    io.stdout.write(`${JSON.stringify({ cacheDir, models })}\n`)
    return exitCodes.ok
  }
  const lines = shown.length ? rows(context, shown) : [t.models.list.nothing]
  for (const line of lines) io.stdout.write(`${line}\n`)
  if (!options.quiet) io.stderr.write(`${oneLine(t.models.list.cache(cacheDir))}\n`)
  return exitCodes.ok
}

function rows({ io, lang, t }: Context, models: readonly ListedModel[]): string[] {
  const texts = t.models.list
  const colors = colorsFor(io.stdout, io.env)
  const cells = models.map(({ id, model, state, bytes, size }) => {
    const much =
      state === 'partial' && size > 0 ? texts.of(formatBytes(bytes), formatBytes(size)) : formatBytes(bytes || size)
    const about = model ? [model.about[lang], ...(model.license.nonCommercial ? [texts.nonCommercial] : [])] : []
    return [oneLine(id), texts.states[state], much, about.join(' · ')] as const
  })
  const width = (column: 0 | 1 | 2) => Math.max(...cells.map(row => displayWidth(row[column])))
  const widths = [width(0), width(1), width(2)] as const
  return cells.map(([id, state, much, about], index) => {
    const line = `${padTo(id, widths[0])}  ${padTo(state, widths[1])}  ${padTo(much, widths[2])}  ${about}`.trimEnd()
    return models[index]!.state === 'absent' ? colors.dim(line) : line
  })
}
