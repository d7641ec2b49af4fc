import { type InceptionDim, inceptionDims, type PromptLanguage } from '@viscpm/eval'
import type { Shard } from '@viscpm/eval/node'
import { type Command, Option } from 'commander'
import type { EvalPaintOptions } from '../commands/eval-paint/options.js'
import type { Context } from '../context.js'
import { UsageError } from '../failures.js'
import type { Messages } from '../messages/index.js'
import { addPainterModelOptions } from '../options/painter-model.js'
import { addSafetyOptions } from '../options/safety.js'
import { schedulerNamed, schedulerNames } from '../options/scheduler-names.js'
import { valueReaders } from '../options/values.js'

const languages = ['en', 'zh', 'both'] as const satisfies readonly (PromptLanguage | 'both')[]
const resizes = ['clean', 'pytorch-fid'] as const
const presets = ['fast'] as const
/** What the workers of a queue decide by themselves, each for its model and machine. */
const workersOwn = [
  ...['deepCache', 'tokenMerging', 'karras', 'vocab', 'config', 'unetConfig', 'schedulerConfig', 'vae', 'ranker'],
  ...['languageModel', 'memory', 'threads', 'keepHalf', 'device', 'computeDtype'],
  ...['safety', 'promptChecker', 'imageChecker', 'audit'],
] as const

/** Adds `viscpm eval paint`. */
export function addEvalPaintCommand(group: Command, context: Context, exit: (code: number) => void): void {
  const { t } = context
  const command = group.command('paint').description(t.eval.paint.about)
  for (const option of measured(t)) command.addOption(option)
  for (const option of painted(t)) command.addOption(option.helpGroup(t.help.headings.painting))
  addSafetyOptions(addPainterModelOptions(command, t), t)
    .addOption(new Option('--json', t.eval.paint.options.json).helpGroup(t.help.headings.output))
    .addHelpText('after', `\n${t.eval.paint.examples}`)
    .action(async (_options, command: Command) => {
      const { evalPaint } = await import('../commands/eval-paint/command.js')
      exit(await evalPaint(context, command.optsWithGlobals<EvalPaintOptions>()))
    })
}

/** What is compared, and how. */
function measured(t: Messages): Option[] {
  const text = t.eval.paint.options
  const read = valueReaders(t)
  const dim = (value: string): InceptionDim =>
    Number(read.oneOf('--inception-dim', inceptionDims.map(String))(value)) as InceptionDim
  return [
    new Option('--real <where>', text.real),
    new Option('--painted <folder>', text.painted).conflicts(['queue', 'shard', 'output', 'guidance']),
    new Option('--inception <file>', text.inception),
    new Option('--inception-dim <n>', text.inceptionDim).choices(inceptionDims.map(String)).argParser(dim),
    new Option('--resize <how>', text.resize).choices(resizes).argParser(read.oneOf('--resize', resizes)),
    new Option('--clip <folder>', text.clip),
    new Option('--resamples <n>', text.resamples).argParser(read.whole('--resamples', 0)),
    new Option('--subsets <n>', text.subsets).argParser(read.whole('--subsets', 1)),
    new Option('--subset-size <n>', text.subsetSize).argParser(read.whole('--subset-size', 2)),
    new Option('--extrapolate', text.extrapolate),
    new Option('--save-stats <file>', text.saveStats),
    new Option('--save-real <file>', text.saveReal),
  ]
}

/** What is painted. */
function painted(t: Messages): Option[] {
  const text = t.eval.paint.options
  const shared = t.help.options
  const read = valueReaders(t)
  const scheduler = (value: string) => schedulerNamed(value) ?? read.oneOf('--scheduler', schedulerNames)(value)
  const guidance = (value: string): number[] => [...new Set(value.split(',').map(read.number('--guidance')))]
  const seed = (value: string): bigint => {
    const found = read.seeds('--seed')(value)
    if (typeof found !== 'bigint')
      throw new UsageError(t.parsing.invalidValue('--seed', JSON.stringify(value)), text.seed)
    return found
  }
  const shard = (value: string): Shard => {
    const [, part, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(value) ?? []
    if (part === undefined || +part < 1 || +part > +of!)
      throw new UsageError(t.parsing.invalidValue('--shard', JSON.stringify(value)), t.eval.paint.shardHint)
    return { part: +part, of: +of! }
  }
  return [
    new Option('--prompts <file>', text.prompts),
    new Option('--language <which>', text.language).choices(languages).argParser(read.oneOf('--language', languages)),
    new Option('-n, --limit <n>', text.limit).argParser(read.whole('--limit', 1)),
    new Option('-o, --output <folder>', text.output),
    new Option('--seed <n>', text.seed).argParser(seed),
    new Option('--guidance <x,...>', text.guidance).argParser(guidance),
    new Option('--steps <n>', shared.steps).argParser(read.whole('--steps', 1)),
    new Option('--size <size>', shared.size).argParser(read.size('--size')),
    new Option('--scheduler <name>', shared.scheduler).choices(schedulerNames).argParser(scheduler),
    new Option('--karras', shared.karras),
    new Option('--preset <name>', shared.preset).choices(presets).argParser(read.oneOf('--preset', presets)),
    new Option('--deep-cache <n>', shared.deepCache).argParser(read.deepCache('--deep-cache')),
    new Option('--token-merging <x>', shared.tokenMerging).argParser(read.number('--token-merging')),
    new Option('--negative <text>', shared.negative),
    new Option('--candidates <n>', text.candidates).argParser(read.whole('--candidates', 1)),
    new Option('--shard <i/n>', text.shard).argParser(shard),
    new Option('--queue <url>', text.queue).conflicts([...workersOwn]),
  ]
}
