import { type Command, Option } from 'commander'
import type { EvalChatOptions } from '../commands/eval-chat/options.js'
import type { Context } from '../context.js'
import { addDecodingOptions } from '../options/decoding.js'
import { addModelOptions } from '../options/model.js'
import { addSafetyOptions } from '../options/safety.js'
import { valueReaders } from '../options/values.js'

/** Adds `eval chat`. */
export function addEvalChatCommand(group: Command, context: Context, exit: (code: number) => void): void {
  const { t } = context
  const text = t.eval.chat.options
  const read = valueReaders(t)
  const judges = ['endpoint', 'word-overlap', 'none'] as const
  const orders = ['both', 'second', 'first'] as const
  const testSet = [
    new Option('--questions <file>', text.questions),
    new Option('--references <file>', text.references),
    new Option('--contexts <file>', text.contexts),
    new Option('--rules <file>', text.rules),
    new Option('--pictures <folder>', text.pictures),
    new Option('--answers <file>', text.answers),
    new Option('--against <file>', text.against),
  ]
  const judge = [
    new Option('--judge <who>', text.judge).choices(judges).argParser(read.oneOf('--judge', judges)),
    new Option('--judge-url <url>', text.judgeUrl),
    new Option('--judge-model <name>', text.judgeModel),
    new Option('--judge-key-env <name>', text.judgeKeyEnv).default('VISCPM_JUDGE_KEY'),
    new Option('--judge-temperature <x>', text.judgeTemperature).argParser(read.number('--judge-temperature')),
    new Option('--judge-max-tokens <n>', text.judgeMaxTokens).argParser(read.whole('--judge-max-tokens', 1)),
    new Option('--judge-timeout <seconds>', text.judgeTimeout).argParser(read.whole('--judge-timeout', 1)),
    new Option('--judge-retries <n>', text.judgeRetries).argParser(read.whole('--judge-retries', 0)),
    new Option('--judge-concurrency <n>', text.judgeConcurrency).argParser(read.whole('--judge-concurrency', 1)),
    new Option('--orders <which>', text.orders)
      .choices(orders)
      .argParser(read.oneOf('--orders', orders))
      .default('both'),
  ]
  const output = [
    new Option('-o, --output <folder>', text.output),
    new Option('--markdown', text.markdown),
    new Option('--json', text.json),
  ]
  const command = group.command('chat').description(t.eval.chat.about)
  for (const option of testSet) command.addOption(option.helpGroup(t.eval.chat.headings.testSet))
  for (const option of judge) command.addOption(option.helpGroup(t.eval.chat.headings.judge))
  for (const option of output) command.addOption(option.helpGroup(t.help.headings.output))
  addSafetyOptions(addDecodingOptions(addModelOptions(command, t), t), t)
  command.addHelpText('after', `\n${t.eval.chat.examples}`).action(async (_options, command: Command) => {
    const { evalChat } = await import('../commands/eval-chat/command.js')
    exit(await evalChat(context, command.optsWithGlobals<EvalChatOptions>()))
  })
}
