import type { TaskOptions } from '@viscpm/core'
import { type Decision, type Safety, type SafetyState, stateOf } from '@viscpm/safety'
import { checkSafetyFiles, type OpenSafety } from '@viscpm/safety/node'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { interruptible } from '../../interrupt.js'
import type { SafetyOptions } from '../../options/safety.js'
import { announce } from '../../safety/coverage.js'
import { safetySetup } from '../../safety/from-options.js'
import { openSafety } from '../../safety/open.js'
import { colorsFor } from '../../terminal/colors.js'
import { ProgressView } from '../../terminal/progress.js'
import { type CheckInput, readInputs } from './inputs.js'
import { type CheckedAs, type CheckStages, checkStages } from './stages.js'
import { checkTable } from './table.js'

export interface CheckOptions extends GlobalOptions, SafetyOptions {
  readonly as?: CheckedAs
  readonly json?: boolean
}

export interface Checked {
  readonly input: CheckInput
  readonly decision: Decision
}

/** `viscpm check TEXT|IMAGE...`. @returns 3 when anything is blocked, else 0 */
export async function check(context: Context, args: readonly string[], options: CheckOptions): Promise<number> {
  const { io, t } = context
  const stages = checkStages(options.as)
  const setup = safetySetup(options, [stages.text, stages.picture], t)
  const progress = new ProgressView(io, t, options.quiet === true)
  const { checked, state } = await interruptible(io, async signal => {
    await checkSafetyFiles(setup)
    const inputs = await readInputs(context, args, signal)
    let guarding: OpenSafety | undefined
    try {
      guarding = await openSafety(context, setup, progress, signal)
      const { safety } = guarding
      announce(context, stateOf(safety), [stages.text, stages.picture], options)
      return { checked: await checkAll(safety, inputs, stages, { signal }), state: stateOf(safety) }
    } finally {
      await guarding?.dispose()
    }
  })
  if (options.json) io.stdout.write(`${JSON.stringify(checkObject(checked, state))}\n`)
  else {
    for (const line of checkTable(context, checked, state)) io.stdout.write(`${line}\n`)
    writeRemarks(context, checked)
  }
  return isBlocked(checked) ? exitCodes.blocked : exitCodes.ok
}

async function checkAll(
  safety: Safety,
  inputs: readonly CheckInput[],
  { text, picture }: CheckStages,
  task: Pick<TaskOptions, 'signal'>,
): Promise<Checked[]> {
  const checked: Checked[] = []
  for (const input of inputs) {
    const decision =
      input.kind === 'text'
        ? await safety.checkText(text, input.text, task)
        : await safety.checkImage(picture, input.image, task)
    checked.push({ input, decision })
  }
  return checked
}

function isBlocked(checked: readonly Checked[]): boolean {
  return checked.some(({ decision }) => decision.action === 'block')
}

/** The object of `--json`. */
function checkObject(checked: readonly Checked[], { policy, coverage }: SafetyState): Record<string, unknown> {
  const results = checked.map(({ input, decision }) => ({
    kind: input.kind,
    ...(input.kind === 'text'
      ? { text: input.text }
      : { file: input.input, width: input.image.width, height: input.image.height }),
    checked: decision.verdict !== 'none',
    ...decision,
  }))
  return { policy, coverage, blocked: isBlocked(checked), results }
}

/** What was not checked is not known to be harmless. */
function writeRemarks({ io, t }: Context, checked: readonly Checked[]): void {
  const { yellow } = colorsFor(io.stderr, io.env)
  for (const kind of ['text', 'picture'] as const) {
    const missed = checked.filter(({ input, decision }) => input.kind === kind && decision.verdict === 'none').length
    if (missed > 0) io.stderr.write(`${yellow(t.check.notChecked[kind](missed))}\n`)
  }
}
