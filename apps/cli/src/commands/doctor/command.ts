import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { describeFailure } from '../../failures.js'
import { colorsFor } from '../../terminal/colors.js'
import { displayWidth, padTo } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import type { Check } from './check.js'
import { checkDevices } from './device-check.js'
import { checkCores, checkDisk, checkMemory, checkNode, checkPlatform } from './machine-checks.js'
import { checkModel, checkOnnxruntime, checkSharp } from './runtime-checks.js'
import { checkSafety } from './safety-check.js'

export interface DoctorOptions extends GlobalOptions {
  readonly json?: boolean
  /** As many as the model would be run with. */
  readonly threads?: number
}

/** A check that throws has found something broken. */
async function attempt(context: Context, name: Check['name'], check: () => Check | Promise<Check>): Promise<Check> {
  const { t } = context
  try {
    return await check()
  } catch (error) {
    const { message, hint } = describeFailure(error, t)
    return { name, status: 'broken', detail: oneLine(message), hint: oneLine(hint ?? t.doctor.reinstallHint) }
  }
}

/** `viscpm doctor`. @returns 0 when everything that is needed is there, else 1 */
export async function doctor(context: Context, options: DoctorOptions): Promise<number> {
  const { io, t } = context
  const checks = [
    await attempt(context, 'node', () => checkNode(t)),
    await attempt(context, 'platform', checkPlatform),
    await attempt(context, 'cores', () => checkCores(t)),
    await attempt(context, 'memory', () => checkMemory(t)),
    await attempt(context, 'onnxruntime', () => checkOnnxruntime(t)),
    await attempt(context, 'devices', () => checkDevices(t)),
    await attempt(context, 'sharp', () => checkSharp(t)),
    await attempt(context, 'model', () => checkModel(t)),
    await attempt(context, 'safety', () => checkSafety(t)),
    await attempt(context, 'disk', () => checkDisk(t)),
  ]
  const broken = checks.filter(check => check.status === 'broken').length
  if (options.json) io.stdout.write(`${JSON.stringify({ ok: broken === 0, checks })}\n`)
  else for (const line of checkLines(context, checks)) io.stdout.write(`${line}\n`)
  return broken === 0 ? exitCodes.ok : exitCodes.error
}

function checkLines({ io, t }: Context, checks: readonly Check[]): string[] {
  const colors = colorsFor(io.stdout, io.env)
  const signs = { ok: colors.green('ok'), warning: colors.yellow('! '), broken: colors.red('x ') }
  const width = Math.max(...checks.map(({ name }) => displayWidth(t.doctor.checks[name])))
  const lines = checks.flatMap(({ name, status, detail, hint }) => [
    `${signs[status]}  ${padTo(t.doctor.checks[name], width)}  ${detail}`,
    ...(hint?.split('\n').map(line => colors.dim(`${' '.repeat(width + 6)}${line}`)) ?? []),
  ])
  const broken = checks.filter(check => check.status === 'broken').length
  return [...lines, '', broken === 0 ? t.doctor.allWell : colors.red(t.doctor.broken(broken))]
}
