import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Image } from '@viscpm/core'
import { stateOf } from '@viscpm/safety'
import { checkSafetyFiles, type OpenSafety } from '@viscpm/safety/node'
import type { Context, GlobalOptions } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { CommandError, Interrupted } from '../../failures.js'
import { interruptible } from '../../interrupt.js'
import type { ChatModel } from '../../models.js'
import { type DeviceOptions, deviceOptions } from '../../options/device.js'
import type { SafetyOptions } from '../../options/safety.js'
import { reportFailure } from '../../report-failure.js'
import { announce, stagesOf } from '../../safety/coverage.js'
import { safetySetup } from '../../safety/from-options.js'
import { openSafety } from '../../safety/open.js'
import { colorsFor } from '../../terminal/colors.js'
import { displayWidth, padTo } from '../../terminal/format.js'
import { oneLine } from '../../terminal/printable.js'
import { ProgressView } from '../../terminal/progress.js'
import { shownPicture } from '../../terminal/show-picture.js'
import { writeAnswer } from '../chat/answer.js'
import { loadModel } from '../load-model.js'
import { paintDemo } from './painting.js'
import { demoScript, nextSteps } from './script.js'

export interface DemoOptions extends GlobalOptions, SafetyOptions, DeviceOptions {}

/** `viscpm demo`: the embedded model answers about the pictures that come with it, and paints one. @returns the exit code */
export async function demo(context: Context, options: DemoOptions): Promise<number> {
  const { io, t, services } = context
  const colors = colorsFor(io.stdout, io.env)
  const print = (line: string): void => {
    io.stdout.write(`${line}\n`)
  }
  const progress = new ProgressView(io, t, options.quiet === true)
  const setup = safetySetup(options, [...stagesOf.chat, ...stagesOf.paint], t)
  await checkSafetyFiles(setup)
  const folder = await services.demoPictures()
  for (const { file } of demoScript)
    if (!existsSync(join(folder, file))) throw new CommandError(t.demo.noPictures, t.doctor.modelHint)

  print(`${colors.bold(t.demo.title)}\n`)
  let model: ChatModel | undefined
  let guarding: OpenSafety | undefined
  try {
    await interruptible(io, async signal => {
      guarding = await openSafety(context, setup, progress, signal)
      const { safety } = guarding
      model = await loadModel(
        context,
        (where, load) => services.loadChat(where, { ...load, safety }),
        { model: 'tiny', ...deviceOptions(options) },
        progress,
        signal,
      )
      announce(context, stateOf(safety), stagesOf.chat, options)
      for (const [i, { file, turns }] of demoScript.entries()) {
        const picture = join(folder, file)
        signal.throwIfAborted()
        if (i > 0) print(colors.bold(t.demo.another))
        const image = await services.loadImage(picture, { alpha: 'white' })
        showPicture(context, image, picture, print)
        const talk = model.conversation(image)
        for (const { question, followUp } of turns) {
          print(`${colors.green('> ')}${question}${followUp ? ` ${colors.dim(t.demo.followUp)}` : ''}`)
          const view = { stream: true, json: false, verbose: options.verbose === true }
          await writeAnswer(context, { talk, question, decoding: {}, signal }, progress, view)
        }
        print('')
      }
    })
  } finally {
    await model?.dispose()
    await guarding?.dispose()
  }

  let code: number = exitCodes.ok
  const paints = await services.embeddedPainter()
  try {
    if (paints) await paintDemo(context, { setup, ...deviceOptions(options) }, progress)
  } catch (error) {
    if (error instanceof Interrupted) throw error
    // What it can do without painting has been shown; how to go on is still to be said.
    code = reportFailure(context, error, options.verbose === true).exitCode
    print('')
  }

  print(t.demo.outro)
  const steps = nextSteps(io.command, t, paints)
  const width = Math.max(...steps.map(([, command]) => displayWidth(command)))
  for (const [what, command] of steps) print(`  ${colors.cyan(padTo(command, width))}  ${colors.dim(`# ${what}`)}`)
  return code
}

/** In colours where the terminal has them; its path in any case, so that it can be opened. */
function showPicture({ io, t }: Context, image: Image, path: string, print: (line: string) => void): void {
  for (const line of shownPicture(image, io.stdout, io.env)) print(line)
  const shorter = relative(process.cwd(), path)
  print(oneLine(t.demo.picture(shorter.length < path.length ? shorter : path)))
}
