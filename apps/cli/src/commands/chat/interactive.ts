import type { DecodingOptions } from '@viscpm/chat'
import type { Image } from '@viscpm/core'
import type { Context } from '../../context.js'
import { exitCodes } from '../../exit-codes.js'
import { Interrupted } from '../../failures.js'
import type { ChatModel, Talk } from '../../models.js'
import { failureObject, reportFailure } from '../../report-failure.js'
import { colorsFor } from '../../terminal/colors.js'
import { LineReader } from '../../terminal/line-reader.js'
import { oneLine } from '../../terminal/printable.js'
import type { ProgressView } from '../../terminal/progress.js'
import { type AnswerView, answerObject, writeAnswer } from './answer.js'
import { readTyped } from './slash.js'

export interface InteractiveOptions {
  readonly model: ChatModel
  readonly image: Image
  readonly picture: string
  readonly alpha: 'white' | 'drop'
  readonly decoding: DecodingOptions
  readonly view: AnswerView
  readonly progress: ProgressView
}

/** A conversation: typed lines in, answers out, until the input ends or `/exit`. */
export class InteractiveChat {
  private talk: Talk
  private readonly reader: LineReader
  /** Set while a question is being answered. */
  private answering: AbortController | undefined
  /** Where everything but answers goes. */
  private readonly notes: Context['io']['stdout']
  private failed: number = exitCodes.ok

  constructor(
    private readonly context: Context,
    private readonly options: InteractiveOptions,
  ) {
    const { io } = context
    this.notes = options.view.json ? io.stderr : io.stdout
    this.talk = options.model.conversation(options.image)
    this.reader = new LineReader(io, {
      prompt: colorsFor(this.notes, io.env).green('> '),
      output: this.notes,
      onInterrupt: () => this.stopAnswer(),
    })
  }

  /** @returns the exit code: in a terminal 0, from a pipe that of the first question that failed */
  async run(): Promise<number> {
    const { image, picture, model } = this.options
    if (this.reader.interactive) {
      const { t } = this.context
      this.note(t.chat.greeting(oneLine(model.name), oneLine(picture), image.width, image.height))
      this.note(t.chat.greetingHelp)
    }
    try {
      return await this.loop()
    } finally {
      this.reader.close()
    }
  }

  private async loop(): Promise<number> {
    let interrupts = 0
    for (;;) {
      const input = await this.reader.next()
      if (input.type === 'end') {
        if (this.reader.interactive) this.notes.write(`\n${this.context.t.chat.bye}\n`)
        return this.reader.interactive ? exitCodes.ok : this.failed
      }
      if (input.type === 'interrupt') {
        if (!this.reader.interactive || ++interrupts > 1) return exitCodes.interrupted
        this.note(this.context.t.chat.pressAgain)
        continue
      }
      interrupts = 0
      if (!(await this.obey(input.text))) return this.reader.interactive ? exitCodes.ok : this.failed
    }
  }

  /** @returns false to leave */
  private async obey(line: string): Promise<boolean> {
    const { t } = this.context
    const typed = readTyped(line)
    switch (typed.kind) {
      case 'nothing':
        break
      case 'question':
        await this.attempt(() => this.ask(typed.text))
        break
      case 'new':
        await this.talk.reset()
        this.note(t.chat.forgotten)
        break
      case 'image':
        if (typed.file === '') this.note(t.chat.imageNeedsFile)
        else await this.attempt(() => this.changePicture(typed.file))
        break
      case 'help':
        this.note(t.chat.commands)
        break
      case 'unknown':
        this.note(t.chat.unknownCommand(oneLine(typed.name)))
        break
      case 'exit':
        if (this.reader.interactive) this.note(t.chat.bye)
        return false
    }
    return true
  }

  private async ask(question: string): Promise<void> {
    const { model, decoding, view, progress } = this.options
    const stop = new AbortController()
    this.answering = stop
    try {
      const asked = { talk: this.talk, question, decoding, signal: stop.signal }
      const answer = await writeAnswer(this.context, asked, progress, view)
      if (view.json) this.writeJson(answerObject(model.name, question, answer))
      if (answer.finishReason === 'blocked') this.failed ||= exitCodes.blocked
    } catch (error) {
      throw stop.signal.aborted ? new Interrupted() : error
    } finally {
      this.answering = undefined
    }
  }

  private async changePicture(file: string): Promise<void> {
    const image = await this.context.services.loadImage(file, { alpha: this.options.alpha })
    this.talk = this.options.model.conversation(image)
    this.note(this.context.t.chat.newPicture(oneLine(file), image.width, image.height))
  }

  /** Errors are told, and the conversation goes on. */
  private async attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action()
    } catch (error) {
      if (error instanceof Interrupted) {
        this.note(this.context.t.chat.stopped)
        return
      }
      const failure = reportFailure(this.context, error, this.options.view.verbose)
      if (this.options.view.json) this.writeJson(failureObject(failure))
      this.failed ||= failure.exitCode
    }
  }

  /** @returns whether there was an answer to stop */
  private stopAnswer(): boolean {
    const { answering } = this
    if (!answering) return false
    // Pressed again while the model is still on its last step: the user wants out.
    if (answering.signal.aborted) this.context.io.exitNow(exitCodes.interrupted)
    answering.abort(new Interrupted())
    return true
  }

  private note(text: string): void {
    this.notes.write(`${colorsFor(this.notes, this.context.io.env).dim(text)}\n`)
  }

  private writeJson(value: unknown): void {
    this.context.io.stdout.write(`${JSON.stringify(value)}\n`)
  }
}
