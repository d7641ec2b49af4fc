import { isVisCPMError } from '@viscpm/core'
import type { PresetName } from '@viscpm/paint'
import { type Command, Option } from 'commander'
import { UsageError } from '../failures.js'
import type { Messages } from '../messages/index.js'
import type { PaintRequest } from '../models.js'
import type { SchedulerOptions } from './scheduler.js'
import { schedulerNamed, schedulerNames } from './scheduler-names.js'
import { valueReaders } from './values.js'

export interface PaintingOptions extends SchedulerOptions {
  readonly negative?: string
  readonly count?: number
  readonly candidates?: number | 'keep'
  readonly keep?: boolean
  readonly seed?: bigint | readonly bigint[]
  readonly latents?: string
  readonly steps?: number
  readonly guidance?: number
  readonly guidanceInterval?: readonly [number, number]
  readonly skipUnguided?: boolean
  readonly size?: { readonly width: number; readonly height: number }
  readonly width?: number
  readonly height?: number
  readonly image?: string
  readonly mask?: string
  readonly strength?: number
  readonly batchSize?: number
  readonly preset?: PresetName
  readonly deepCache?: { readonly interval: number; readonly branch?: number }
  readonly tokenMerging?: number
  readonly raw?: boolean
}

const presetNames = ['fast'] as const satisfies readonly PresetName[]

/** Adds the options that say what is painted, and how. Which go together is checked by the library. */
export function addPaintingOptions(command: Command, t: Messages): Command {
  const text = t.help.options
  const read = valueReaders(t)
  const candidates = (value: string): number | 'keep' =>
    value === 'keep' ? value : read.whole('--candidates', 1)(value)
  const scheduler = (value: string) => schedulerNamed(value) ?? read.oneOf('--scheduler', schedulerNames)(value)
  const options = [
    new Option('--negative <text>', text.negative),
    new Option('-n, --count <n>', text.count).argParser(read.whole('--count', 1)),
    new Option('--candidates <n>', text.candidates).argParser(candidates),
    new Option('--keep', text.keep),
    new Option('--seed <n>', text.paintSeed).argParser(read.seeds('--seed')),
    new Option('--latents <file>', text.latents),
    new Option('--steps <n>', text.steps).argParser(read.whole('--steps', 1)),
    new Option('--guidance <x>', text.guidance).argParser(read.number('--guidance')),
    new Option('--guidance-interval <a,b>', text.guidanceInterval).argParser(read.range('--guidance-interval')),
    new Option('--skip-unguided', text.skipUnguided),
    new Option('--size <size>', text.size).argParser(read.size('--size')).conflicts(['width', 'height']),
    new Option('--width <n>', text.width).argParser(read.whole('--width', 1)),
    new Option('--height <n>', text.height).argParser(read.whole('--height', 1)),
    new Option('--scheduler <name>', text.scheduler).choices(schedulerNames).argParser(scheduler),
    new Option('--karras', text.karras),
    new Option('--image <file>', text.fromImage),
    new Option('--mask <file>', text.mask),
    new Option('--strength <x>', text.strength).argParser(read.number('--strength')),
    new Option('--batch-size <n>', text.batchSize).argParser(read.whole('--batch-size', 1)),
    new Option('--preset <name>', text.preset).choices(presetNames).argParser(read.oneOf('--preset', presetNames)),
    new Option('--deep-cache <n>', text.deepCache).argParser(read.deepCache('--deep-cache')),
    new Option('--token-merging <x>', text.tokenMerging).argParser(read.number('--token-merging')),
    new Option('--raw', text.paintRaw),
  ]
  for (const option of options) command.addOption(option.helpGroup(t.help.headings.painting))
  return command
}

/** The options of painting as the library takes them; pictures, latents and scheduler have to be read first. */
export function paintingRequest(prompt: string, options: PaintingOptions): PaintRequest {
  const { negative, count, candidates, seed, steps, guidance, guidanceInterval, skipUnguided } = options
  const { size, width = size?.width, height = size?.height, strength, batchSize, raw } = options
  const { preset, deepCache, tokenMerging } = options
  return {
    prompt,
    ...(negative !== undefined && { negativePrompt: negative }),
    ...(raw && { syntax: 'raw' }),
    ...(count !== undefined && { count }),
    ...(typeof candidates === 'number' && { candidates }),
    ...(seed !== undefined && { seed }),
    ...(steps !== undefined && { steps }),
    ...(guidance !== undefined && { guidanceScale: guidance }),
    ...(guidanceInterval !== undefined && { guidanceInterval }),
    ...(skipUnguided && { skipUnguided }),
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(strength !== undefined && { strength }),
    ...(batchSize !== undefined && { batchSize }),
    ...(preset !== undefined && { preset }),
    ...(deepCache !== undefined && { deepCache }),
    ...(tokenMerging !== undefined && { tokenMerging }),
  }
}

const flags: Readonly<Record<string, string>> = {
  negativePrompt: '--negative',
  count: '--count',
  candidates: '--candidates',
  'count * candidates': '--count * --candidates',
  seed: '--seed',
  latents: '--latents',
  steps: '--steps',
  guidanceScale: '--guidance',
  guidanceInterval: '--guidance-interval',
  width: '--width',
  height: '--height',
  image: '--image',
  mask: '--mask',
  strength: '--strength',
  batchSize: '--batch-size',
  deepCache: '--deep-cache',
  tokenMerging: '--token-merging',
}

/** An error of the library about an option of painting, under the name that it has on the command line. */
export function asPaintingError(error: unknown): unknown {
  if (!isVisCPMError(error, 'INVALID_ARGUMENT')) return error
  const { argument = '' } = error as unknown as { argument?: string }
  const flag = flags[argument]
  if (flag === undefined || !error.message.startsWith(`${argument}: `)) return error
  return new UsageError(flag + error.message.slice(argument.length), error.hint?.replace("as 'image'", 'with --image'))
}
