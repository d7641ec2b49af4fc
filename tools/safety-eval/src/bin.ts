import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '@viscpm/core/node'
import { withMeasured } from './docs-block.js'
import { type EvalOptions, parseOptions, usage } from './options.js'
import { runEval } from './run.js'
import { latencyMarkdown, ratesMarkdown, wrongTexts } from './table.js'

function optionsOrExit(): EvalOptions {
  try {
    const options = parseOptions(process.argv.slice(2))
    if (options) return options
    console.log(usage)
    process.exit(0)
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
}

const options = optionsOrExit()
const abort = new AbortController()
// A second Ctrl-C ends it at once.
process.once('SIGINT', () => abort.abort(new Error('stopped: nothing was written')))
try {
  const report = await runEval(options, { signal: abort.signal, onProgress: text => console.error(text) })
  const measured = `${ratesMarkdown(report)}\n\n${latencyMarkdown(report)}`
  console.log(`\n${measured}`)
  if (options.showWrong > 0) console.log(`\n${wrongTexts(report, options.showWrong)}`)
  if (options.json !== undefined) await writeFileAtomic(options.json, `${JSON.stringify(report, null, 2)}\n`)
  if (options.docs !== undefined)
    await writeFileAtomic(options.docs, withMeasured(await readFile(options.docs, 'utf8'), measured))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = abort.signal.aborted ? 130 : 1
}
