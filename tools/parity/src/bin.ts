import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readDevice } from '@viscpm/core/session'
import { runParity, type SetName, setNames } from './run.js'

const usage = `pnpm parity [--goldens DIR] [--only NAME[,NAME]] [--device NAME] [--slack N]

Runs every recorded case of the original through our packages and prints what came out.
DIR defaults to the cases in this repository (tools/parity/goldens). Sets: ${setNames.join(', ')}.
--device runs the networks there: cpu (default), cuda, webgpu, coreml, dml. See docs/devices.md.
--slack multiplies the tolerances, which are those of float32 on a CPU (default 1).
Exit code 1 when any case differs by more than its tolerance.`

function fail(message: string): never {
  console.error(message)
  process.exit(2)
}

const { values } = parseArgs({
  options: {
    goldens: { type: 'string' },
    only: { type: 'string' },
    device: { type: 'string' },
    slack: { type: 'string' },
    help: { type: 'boolean' },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
// Read by every session that is made.
if (values.device !== undefined)
  try {
    process.env.VISCPM_DEVICE = readDevice(values.device, '--device')
  } catch (error) {
    fail((error as Error).message)
  }
const slack = Number(values.slack ?? 1)
if (!(slack >= 1)) fail(`--slack takes a number from 1, not ${values.slack}`)
const goldens = values.goldens ? resolve(values.goldens) : fileURLToPath(new URL('../goldens', import.meta.url))
if (!existsSync(goldens)) fail(`${goldens}: no such folder; give one with --goldens DIR`)
const only = (values.only?.split(',') ?? [...setNames]) as SetName[]
const unknown = only.filter(name => !setNames.includes(name))
if (unknown.length > 0) fail(`no set is called ${unknown.join(', ')}; known: ${setNames.join(', ')}`)

console.log(
  `${'set'.padEnd(44)} ${'cases'.padStart(6)} ${'passed'.padStart(6)} ${'worst'.padStart(9)} ${'limit'.padStart(9)}`,
)
let cases = 0
let failed = 0
for await (const { set, cases: n, passed, worst, tolerance, failures } of runParity(goldens, only, slack)) {
  cases += n
  failed += n - passed
  const mark = passed === n ? '' : '  FAILED'
  const numbers = `${String(n).padStart(6)} ${String(passed).padStart(6)} ${worst.toPrecision(2).padStart(9)} ${tolerance.toPrecision(2).padStart(9)}`
  console.log(`${set.padEnd(44)} ${numbers}${mark}`)
  for (const line of failures.slice(0, 20)) console.log(`    ${line}`)
}
console.log(cases === 0 ? `nothing to run in ${goldens}` : `${cases - failed} of ${cases} cases pass`)
process.exit(failed > 0 || cases === 0 ? 1 : 0)
