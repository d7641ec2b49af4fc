import { writeFileAtomic } from '@viscpm/core/node'
import { parseOptions, type QualityOptions, usage } from './options.js'
import { runQuality } from './run.js'
import { contactSheet } from './sheet.js'
import { markdownTable } from './table.js'

function optionsOrExit(): QualityOptions {
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
const { report, prompts, painted } = await runQuality(options, text => console.error(text))
console.log(`\n${report.prompts} prompts, ${report.picturesPerPrompt} pictures each; per cent with 95 % intervals\n`)
console.log(markdownTable(report))
if (options.json !== undefined) await writeFileAtomic(options.json, `${JSON.stringify(report, null, 1)}\n`)
if (options.sheet !== undefined) await writeFileAtomic(options.sheet, await contactSheet(prompts, painted))
