import { type Command, Option } from 'commander'
import type { PaintOptions } from './commands/paint/command.js'
import type { RankOptions } from './commands/rank/command.js'
import type { ReplayOptions } from './commands/replay/command.js'
import type { Context } from './context.js'
import { addDeviceOptions } from './options/device.js'
import { addPaintingOptions } from './options/paint.js'
import { addPainterModelOptions, addRankByOptions } from './options/painter-model.js'
import { addSafetyOptions } from './options/safety.js'
import { valueReaders } from './options/values.js'

/** Adds the commands that make pictures and choose among them. */
export function addPaintingCommands(program: Command, context: Context, exit: (code: number) => void): void {
  const { t } = context
  const text = t.help.options
  const output = (...args: ConstructorParameters<typeof Option>): Option =>
    new Option(...args).helpGroup(t.help.headings.output)

  const paint = program
    .command('paint')
    .description(t.help.commands.paint)
    .argument('<prompt>', t.help.arguments.paintPrompt)
    .addOption(output('-o, --output <file>', text.paintOutput))
    .addOption(output('--no-preview', text.noPreview))
    .addOption(output('--json', text.paintJson))
  addSafetyOptions(addRankByOptions(addPainterModelOptions(addPaintingOptions(paint, t), t), t), t)
    .addHelpText('after', `\n${t.help.paintExamples}`)
    .action(async (prompt: string, _options, command: Command) => {
      const { paint } = await import('./commands/paint/command.js')
      exit(await paint(context, prompt, command.optsWithGlobals<PaintOptions>()))
    })

  const replay = program
    .command('replay')
    .description(t.help.commands.replay)
    .argument('<picture>', t.help.arguments.painting)
    .option('--image <file>', text.replayImage)
    .option('--mask <file>', text.replayMask)
    .addOption(output('-o, --output <file>', text.replayOutput))
    .addOption(output('--no-preview', text.noPreview))
    .addOption(output('--json', text.replayJson))
  addSafetyOptions(addPainterModelOptions(replay, t, false), t)
    .addHelpText('after', `\n${t.help.replayExamples}`)
    .action(async (picture: string, _options, command: Command) => {
      const { replay } = await import('./commands/replay/command.js')
      exit(await replay(context, picture, command.optsWithGlobals<ReplayOptions>()))
    })

  const ranker = (option: Option): Option => option.helpGroup(t.help.headings.model)
  const rank = program
    .command('rank')
    .description(t.help.commands.rank)
    .argument('<prompt>', t.help.arguments.rankPrompt)
    .argument('<images...>', t.help.arguments.images)
    .addOption(ranker(new Option('-m, --model <where>', text.rankModel)))
    .addOption(ranker(new Option('--threads <n>', text.threads).argParser(valueReaders(t).whole('--threads', 1))))
  addDeviceOptions(addRankByOptions(rank, t), t)
    .addOption(output('--json', text.rankJson))
    .addHelpText('after', `\n${t.help.rankExamples}`)
    .action(async (prompt: string, images: string[], _options, command: Command) => {
      const { rank } = await import('./commands/rank/command.js')
      exit(await rank(context, prompt, images, command.optsWithGlobals<RankOptions>()))
    })
}
