import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openAtomicSink, writeFileAtomic } from '@viscpm/core/node'
import { type BilingualCard, bilingualParts } from '@viscpm/eval'
import { checkSafetyFiles } from '@viscpm/safety/node'
import type { Context } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { interruptible } from '../../interrupt.js'
import { stagesOf } from '../../safety/coverage.js'
import { safetySetup } from '../../safety/from-options.js'
import { oneLine } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'
import { bilingualCharts, standalone } from './charts.js'
import type { BilingualHost } from './hosted.js'
import { measureParts } from './measure.js'
import { bilingualPage } from './page.js'
import { type EvalBilingualOptions, limited, partsOf } from './request.js'
import { openSet } from './set.js'
import { bilingualLines } from './text.js'

/** `viscpm eval bilingual`. @returns the exit code */
export async function evalBilingual(context: Context, options: EvalBilingualOptions): Promise<number> {
  const { io, t, lang, services } = context
  const { json, html, svg, quiet = false } = options
  const opened = await openSet(options.pairs, options.lexicon)
  const set = { ...opened, pairs: limited(opened.pairs, options.limit) }
  const parts = partsOf(set.pairs, bilingualParts, options.only, t)
  const setup = safetySetup(options, [...stagesOf.chat, ...stagesOf.paint], t)
  await checkSafetyFiles(setup)
  // Before the work, so that places that cannot be written to are told at once.
  if (svg !== undefined) await mkdir(svg, { recursive: true })
  const [jsonSink, htmlSink] = [json && (await openAtomicSink(json)), html && (await openAtomicSink(html))]
  const progress = new ProgressView(io, t, quiet)
  let host: Promise<BilingualHost> | undefined
  try {
    const card: BilingualCard = await interruptible(io, signal => {
      const openHost = () => (host ??= services.hostBilingual({ signal }))
      return measureParts({ context, set, options, setup, progress, signal }, parts, openHost)
    })
    const bytes = (text: string) => new TextEncoder().encode(text)
    if (jsonSink) {
      await jsonSink.write(bytes(`${JSON.stringify(card, undefined, 2)}\n`))
      await jsonSink.commit()
    }
    if (htmlSink) {
      await htmlSink.write(bytes(bilingualPage(card, t.eval.bilingual, lang)))
      await htmlSink.commit()
    }
    if (svg !== undefined)
      for (const { id, chart } of bilingualCharts(card, t.eval.bilingual))
        await writeFileAtomic(join(svg, `${id}.svg`), bytes(standalone(chart)))
    for (const line of bilingualLines(context, card)) io.stdout.write(`${line}\n`)
    for (const place of [json, html, svg])
      if (place !== undefined) io.stdout.write(`${oneLine(t.eval.bilingual.written(place))}\n`)
    return exitCodes.ok
  } finally {
    progress.stop()
    await (await host?.catch(() => undefined))?.dispose()
    if (jsonSink) await jsonSink.abort()
    if (htmlSink) await htmlSink.abort()
  }
}
