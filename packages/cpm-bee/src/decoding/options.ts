import { InvalidArgumentError, type TaskOptions } from '@viscpm/core'
import type { VisionRows } from '../engine.js'
import { checkLookup, type LookupOptions } from './lookup-options.js'

/** Ids that decoding must know; a tokenizer has them. */
export interface SpecialTokens {
  readonly bosId: number
  readonly eosId: number
  readonly unkId: number
}

/** What every way of decoding needs or takes. */
export interface DecodeInputs extends TaskOptions {
  readonly tokens: SpecialTokens
  /** Pictures' hidden states per sample of the batch. */
  readonly vision?: readonly (VisionRows | undefined)[]
}

export interface PenaltyOptions {
  /** At least 1; 1 (the default) is off. Knows tokens of the ext table by their base id only, as upstream does. */
  readonly repetitionPenalty?: number
  /** The penalty looks at this many last tokens; 0 (the default) at the whole answer, its `<s>` included. */
  readonly repetitionWindow?: number
}

export interface BeamOptions extends PenaltyOptions {
  /** Hypotheses kept. Default 3. */
  readonly beamSize?: number
  /** Default 100. As upstream counts it: all answers of a sample together have at most maxLength + 2 ids, `</s>` included. */
  readonly maxLength?: number
  /** Scores are divided by length ** lengthPenalty: above 0 favours longer answers. Default 1. */
  readonly lengthPenalty?: number
  /** Above 0. Default 1. */
  readonly temperature?: number
}

export interface GreedyOptions extends PenaltyOptions {
  /** Default 100. All answers of a sample together have at most this many ids, `</s>` not counted. */
  readonly maxLength?: number
  /**
   * Guess tokens from the prompt and the answer so far and check several in one step (prompt lookup): only time changes, not
   * the answer. Default: on for models whose `rowsAgree` says that it is so; where it is not, as with quantized weights, an
   * answer found this way is as good, but where two tokens are nearly equally likely it may be another.
   */
  readonly lookup?: boolean | LookupOptions
}

export interface SampleOptions extends GreedyOptions {
  /** Above 0. Default 1. */
  readonly temperature?: number
  /** Only the `topK` best tokens; 0 (the default) is off. */
  readonly topK?: number
  /** Only the fewest tokens that have more than this probability together; 1 (the default) is off. */
  readonly topP?: number
  /** Only tokens at least this likely relative to the best one; 0 (the default) is off. */
  readonly minP?: number
  /** Equal seeds give equal answers; sample i of a batch uses seed + i. Only its low 32 bits count. Default: random. */
  readonly seed?: number
  /** Uniform in [0, 1), in place of `seed`. */
  readonly random?: () => number
}

/** The filters of SampleOptions with nothing left open. */
export type TopOptions = Required<Pick<SampleOptions, 'topK' | 'topP' | 'minP'>>

/** How to decode; `decoding` says which options apply, the others are refused. */
export type DecodingOptions =
  | ({ readonly decoding?: 'beam' } & BeamOptions)
  | ({ readonly decoding: 'greedy' } & GreedyOptions)
  | ({ readonly decoding: 'sample' } & SampleOptions)

export type Decoding = 'beam' | 'greedy' | 'sample'

type Check = (value: number) => string | undefined
const whole =
  (min: number): Check =>
  v =>
    Number.isSafeInteger(v) && v >= min ? undefined : `must be a whole number of at least ${min}`
const between =
  (low: number, high: number, text: string): Check =>
  v =>
    Number.isFinite(v) && v >= low && v <= high ? undefined : `must be ${text}`
const tiny = Number.MIN_VALUE
const huge = Number.MAX_VALUE

const numbers: Readonly<Record<string, Check>> = {
  beamSize: whole(1),
  maxLength: whole(0),
  repetitionPenalty: between(1, huge, 'a number of at least 1'),
  repetitionWindow: whole(0),
  lengthPenalty: between(-huge, huge, 'a finite number'),
  temperature: between(1e-4, huge, 'a number of at least 0.0001'),
  topK: whole(0),
  topP: between(tiny, 1, 'above 0 and at most 1'),
  minP: between(0, 1, 'between 0 and 1'),
  seed: whole(0),
}
const penalty = ['maxLength', 'repetitionPenalty', 'repetitionWindow']
const optionsOf: Readonly<Record<Decoding, readonly string[]>> = {
  beam: [...penalty, 'beamSize', 'lengthPenalty', 'temperature'],
  greedy: [...penalty, 'lookup'],
  sample: [...penalty, 'lookup', 'temperature', 'topK', 'topP', 'minP', 'seed', 'random'],
}

/** Names of the options that some way of decoding takes, `decoding` included. */
export const decodingOptionNames: readonly string[] = ['decoding', ...Object.keys(numbers), 'random', 'lookup']

/** @throws InvalidArgumentError naming the first option that is unknown, belongs elsewhere, or is out of range. */
function check(options: object, decoding: Decoding, allowed: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || allowed.includes(name)) continue
    if (!optionsOf[decoding].includes(name)) {
      const home = (Object.keys(optionsOf) as Decoding[]).filter(d => optionsOf[d].includes(name))
      throw new InvalidArgumentError({
        argument: name,
        message: home.length
          ? `decoding '${decoding}' does not use it; it belongs to ${home.map(d => `'${d}'`).join(', ')}`
          : 'unknown option',
        hint: `decoding '${decoding}' takes ${optionsOf[decoding].join(', ')}`,
      })
    }
    if (name === 'lookup') {
      checkLookup(value)
      continue
    }
    if (name === 'random') {
      if (typeof value !== 'function') throw new InvalidArgumentError({ argument: name, message: 'must be a function' })
      continue
    }
    const fault = typeof value === 'number' ? numbers[name]!(value) : 'must be a number'
    if (fault) throw new InvalidArgumentError({ argument: name, message: `${fault}, not ${String(value)}` })
  }
}

/** Fills the defaults in. `allowed` names further keys that are not decoding's. @throws InvalidArgumentError */
export function checkBeamOptions(options: BeamOptions, allowed: readonly string[] = []): Required<BeamOptions> {
  check(options, 'beam', allowed)
  return {
    beamSize: options.beamSize ?? 3,
    maxLength: options.maxLength ?? 100,
    lengthPenalty: options.lengthPenalty ?? 1,
    temperature: options.temperature ?? 1,
    repetitionPenalty: options.repetitionPenalty ?? 1,
    repetitionWindow: options.repetitionWindow ?? 0,
  }
}

/** SampleOptions with nothing left open; greedy decoding has no `random`. */
export type SampleSettings = Required<Omit<SampleOptions, 'seed' | 'random' | 'lookup'>> &
  Pick<SampleOptions, 'seed' | 'random' | 'lookup'>

/** Fills the defaults in. `allowed` names further keys that are not decoding's. @throws InvalidArgumentError */
export function checkSampleOptions(
  options: SampleOptions,
  decoding: 'greedy' | 'sample',
  allowed: readonly string[] = [],
): SampleSettings {
  check(options, decoding, allowed)
  if (options.seed !== undefined && options.random !== undefined)
    throw new InvalidArgumentError({ argument: 'seed', message: 'give either seed or random, not both' })
  return {
    maxLength: options.maxLength ?? 100,
    repetitionPenalty: options.repetitionPenalty ?? 1,
    repetitionWindow: options.repetitionWindow ?? 0,
    temperature: options.temperature ?? 1,
    topK: options.topK ?? 0,
    topP: options.topP ?? 1,
    minP: options.minP ?? 0,
    ...(options.lookup !== undefined && { lookup: options.lookup }),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.random && { random: options.random }),
  }
}
