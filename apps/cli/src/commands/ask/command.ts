import type { DecodingOptions } from '@viscpm/chat'
import type { TaskAnswer, TaskInput, TaskRunOptions } from '@viscpm/cpm-bee'
import { stateOf } from '@viscpm/safety'
import { checkSafetyFiles, type OpenSafety } from '@viscpm/safety/node'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { UsageError } from '../../failures.js'
import { interruptible } from '../../interrupt.js'
import type { Io } from '../../io.js'
import type { TextModel } from '../../models.js'
import { asOptionError, givenDecoding } from '../../options/decoding.js'
import type { ModelOptions } from '../../options/model.js'
import type { SafetyOptions } from '../../options/safety.js'
import { announce, stagesOf } from '../../safety/coverage.js'
import { flaggedLines } from '../../safety/flagged.js'
import { safetySetup } from '../../safety/from-options.js'
import { openSafety } from '../../safety/open.js'
import { colorsFor } from '../../terminal/colors.js'
import { printable } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'
import { loadModel } from '../load-model.js'
import { AskGuard, type GuardedResult, type GuardedText } from './guard.js'
import { checkTaskOptions, dataInput, type TaskOptions, taskInput, tasks } from './task.js'

export interface AskCommandOptions
  extends GlobalOptions,
    ModelOptions,
    DecodingOptions,
    TaskOptions,
    Omit<SafetyOptions, 'imageChecker'> {
  readonly json?: boolean
  readonly stream?: boolean
  readonly data?: string
}

async function readText(io: Io): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk as Buffer))
  return Buffer.concat(chunks).toString('utf8').trim()
}

/** Finds out from the command line what is asked. @throws UsageError */
async function readTask(
  { io, t }: Context,
  name: string | undefined,
  typed: string | undefined,
  options: AskCommandOptions,
): Promise<TaskInput> {
  if (options.data !== undefined) {
    if (name !== undefined) throw new UsageError(t.ask.dataAndTask)
    checkTaskOptions(undefined, options, t)
    return dataInput(options.data === '-' ? await readText(io) : options.data, options.raw === true, t)
  }
  if (name === undefined) throw new UsageError(t.ask.taskNeeded, t.ask.taskHint)
  const task = tasks.find(known => known === name)
  if (!task) throw new UsageError(t.ask.unknownTask(JSON.stringify(name)), t.ask.taskHint)
  checkTaskOptions(task, options, t)
  const given = typed ?? (io.stdin.isTTY ? '' : await readText(io))
  if (given.trim() === '') throw new UsageError(t.ask.textNeeded(task))
  return taskInput(task, given, options, t)
}

/** Maps as objects. The order of integer-like keys is lost here: JSON readers do not keep it either. */
function plain(answer: TaskAnswer): unknown {
  if (answer === null || typeof answer === 'string') return answer
  const entries = answer instanceof Map ? [...answer] : Object.entries(answer)
  return Object.fromEntries(entries.map(([key, value]) => [key, plain(value as TaskAnswer)]))
}

/** Several answers, one a line, each after its key. */
function answerLines(answer: TaskAnswer, path = ''): string[] {
  if (answer === null || typeof answer === 'string') return [`${path ? `${path}: ` : ''}${answer ?? ''}`]
  const entries = answer instanceof Map ? [...answer] : Object.entries(answer)
  return entries.flatMap(([key, value]) => answerLines(value as TaskAnswer, path ? `${path}.${key}` : key))
}

/** `viscpm ask`. @returns the exit code */
export async function ask(
  context: Context,
  name: string | undefined,
  typed: string | undefined,
  options: AskCommandOptions,
): Promise<number> {
  const { io, t, services } = context
  const setup = safetySetup(options, stagesOf.ask, t)
  const input = await readTask(context, name, typed, options)
  const json = options.json === true
  const stream = options.stream ?? !json
  const progress = new ProgressView(io, t, options.quiet === true)
  if (options.model === 'tiny') {
    const { yellow, dim } = colorsFor(io.stderr, io.env)
    io.stderr.write(`${yellow(t.ask.notTrained)}\n${dim(t.ask.notTrainedHint)}\n`)
  }

  let model: TextModel | undefined
  let guarding: OpenSafety | undefined
  try {
    const { result, safety } = await interruptible(io, async signal => {
      await checkSafetyFiles(setup)
      guarding = await openSafety(context, setup, progress, signal)
      announce(context, stateOf(guarding.safety), stagesOf.ask, options)
      const guard = new AskGuard(guarding.safety)
      // Before the model: what is blocked should not cost the time of loading it.
      await guard.input(input, signal)
      model = await loadModel(context, services.loadText, options, progress, signal)
      const { maxNewTokens, ...decoding } = givenDecoding(options)
      const run = {
        ...decoding,
        ...(maxNewTokens !== undefined && { maxLength: maxNewTokens }),
        ...(options.raw && { syntax: 'raw' }),
        signal,
        onProgress: progress.update,
      } as TaskRunOptions
      return writeTask(context, guard.output(model.stream(input, run), signal), progress, { stream, json })
    })
    const { answer, finish, usage } = result
    if (json) io.stdout.write(`${JSON.stringify({ answer: plain(answer), finishReason: finish, usage, safety })}\n`)
    return exitCodes.ok
  } finally {
    await model?.dispose()
    await guarding?.dispose()
  }
}

async function writeTask(
  { io, t }: Context,
  parts: AsyncGenerator<GuardedText, GuardedResult>,
  progress: ProgressView,
  view: { stream: boolean; json: boolean },
): Promise<GuardedResult> {
  progress.start(t.progress.thinking, { plain: false })
  let written = false
  try {
    for (;;) {
      const next = await parts.next()
      if (next.done) {
        progress.stop()
        const { result, safety } = next.value
        const { answer } = result
        if (written) io.stdout.write('\n')
        else if (view.stream || !view.json)
          for (const line of answerLines(answer)) io.stdout.write(`${printable(line)}\n`)
        const { yellow } = colorsFor(io.stderr, io.env)
        for (const line of flaggedLines(t, safety.flagged)) io.stderr.write(`${yellow(line)}\n`)
        if (result.finish === 'length') io.stderr.write(`${t.chat.cutOff}\n`)
        return next.value
      }
      const { alone, text } = next.value
      // Several answers are shown together at the end: which one grows could not be seen.
      if (!view.stream || !alone || text === '') continue
      progress.stop()
      written = true
      io.stdout.write(printable(text))
    }
  } catch (error) {
    if (written) io.stdout.write('\n')
    throw asOptionError(error, t)
  } finally {
    progress.stop()
  }
}
