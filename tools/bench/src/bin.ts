import { writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkPage, writeSection } from './full/docs-page.js'
import { fullMarkdown } from './full/report.js'
import { standing } from './full/row.js'
import { type BenchOptions, parseOptions, usage } from './options.js'
import { met } from './result.js'
import { runBench } from './run.js'
import { markdownTable } from './table.js'

function optionsOrExit(): BenchOptions {
  try {
    const options = parseOptions(process.argv.slice(2), availableParallelism())
    if (options) return options
    console.log(usage)
    process.exit(0)
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
}

const [, , command, ...rest] = process.argv
if (command === 'synth') process.exit(await (await import('./synth/command.js')).synth(rest))
if (command === 'cost') process.exit(await (await import('./cost/command.js')).cost(rest))
if (command === 'convert') process.exit(await (await import('./convert/command.js')).convert(rest))
if (command === 'scale') process.exit(await (await import('./scale/command.js')).scale(rest))
if (command === 'queue') process.exit(await (await import('./scale/queue.js')).queue(rest))
if (command === 'robustness') process.exit(await (await import('./robustness/command.js')).robustness(rest))
if (command === 'serve') process.exit(await (await import('./serve/command.js')).serve(rest))

const options = optionsOrExit()
// Read by every session that our side makes.
if (options.device !== undefined) process.env.VISCPM_DEVICE = options.device
if (options.docs !== undefined) await checkPage(options.docs)
const report = await runBench(options, text => console.error(text))
const { cpu, cores, memoryGb, platform, load, readGbPerSecond } = report.machine
const { results, full, paint, failures } = report
const machine = `${report.date}: ${platform}, ${cpu}, ${cores} cores, ${memoryGb} GB`
console.log(`\n${machine}; load ${load.toFixed(1)} at the start`)
if (results.length > 0)
  console.log(`ours: ${report.ours}; PyTorch: ${report.pytorch}; ${report.threads} threads on both sides; JavaScript reads ${readGbPerSecond.toFixed(1)} GB/s
Medians of the runs (smallest-largest). Ratio: PyTorch / ours of each run, above 1 we are faster or smaller.

${markdownTable(results)}`)
if (full || paint) {
  const section = `### ${machine}\n\n${fullMarkdown(full, paint)}`
  console.log(section)
  if (options.docs !== undefined && failures.length === 0) await writeSection(options.docs, section)
}
const json = options.json ?? join(tmpdir(), 'bench.json')
await writeFile(json, `${JSON.stringify(report, null, 2)}\n`)
console.error(`\nAll numbers: ${json}`)
if (failures.length > 0) {
  console.error(`\nNot measured:\n${failures.join('\n')}`)
  process.exitCode = 1
}
if (results.some(row => met(row) === false)) process.exitCode = 1
if ([...(full?.rows ?? []), ...(paint?.rows ?? [])].some(row => standing(row) === 'missed')) process.exitCode = 1
