import { writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
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
if (command === 'convert') process.exit(await (await import('./convert/command.js')).convert(rest))

const options = optionsOrExit()
const report = await runBench(options, text => console.error(text))
const { cpu, cores, memoryGb, platform, load, readGbPerSecond } = report.machine
console.log(`
${report.date}, ${platform}, ${cpu} with ${cores} cores, ${memoryGb} GB, reads ${readGbPerSecond.toFixed(1)} GB/s; load ${load.toFixed(1)} at the start
ours: ${report.ours}; PyTorch: ${report.pytorch}; ${report.threads} threads on both sides
Medians of the runs (smallest-largest). Ratio: PyTorch / ours of each run, above 1 we are faster or smaller.

${markdownTable(report.results)}`)
const json = options.json ?? join(tmpdir(), 'bench.json')
await writeFile(json, `${JSON.stringify(report, null, 2)}\n`)
console.error(`\nAll numbers: ${json}`)
if (report.results.some(row => met(row) === false)) process.exitCode = 1
