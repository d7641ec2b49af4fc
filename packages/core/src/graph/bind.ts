import { MissingKeyError, UnexpectedKeyError, WrongShapeError } from '../errors.js'
import type { WeightSource } from '../weights/types.js'
import type { Module } from './module.js'

/** Keys that a checkpoint may hold although this model does not use them. */
export interface IgnoredKeys {
  readonly pattern: RegExp
  /** Why they are there and not needed; shown by `viscpm inspect`. */
  readonly reason: string
}

export interface BindOptions {
  /** Prepended to every path of the module, e.g. 'llm.'. Only keys that start with it are looked at. */
  readonly prefix?: string
  readonly ignored?: readonly IgnoredKeys[]
}

/**
 * Points every parameter of `module` at its tensor. Strict: all keys present, none unknown, all shapes equal.
 * @returns the ignored keys with their reasons.
 * @throws MissingKeyError, UnexpectedKeyError, WrongShapeError
 */
export function bindWeights(module: Module, source: WeightSource, options: BindOptions = {}): Map<string, string> {
  const { prefix = '', ignored = [] } = options
  const parameters = module.namedParameters(prefix.replace(/\.$/, ''))
  const missing = [...parameters.keys()].filter(key => !source.has(key))
  if (missing.length > 0)
    throw new MissingKeyError({
      keys: missing,
      file: source.name,
      hint: 'Check that the file is the checkpoint of this model and that the configuration beside it is its own.',
    })
  const reasons = new Map<string, string>()
  const unexpected: string[] = []
  for (const key of source.keys()) {
    if (!key.startsWith(prefix) || parameters.has(key)) continue
    const rule = ignored.find(i => i.pattern.test(key))
    if (rule) reasons.set(key, rule.reason)
    else unexpected.push(key)
  }
  if (unexpected.length > 0)
    throw new UnexpectedKeyError({
      keys: unexpected,
      file: source.name,
      hint: 'The configuration may have too few layers, or the file belongs to another model.',
    })
  for (const [key, parameter] of parameters) {
    const { shape } = source.info(key)
    if (shape.length !== parameter.shape.length || shape.some((d, i) => d !== parameter.shape[i]))
      throw new WrongShapeError({ key, expected: parameter.shape, actual: shape, file: source.name })
    parameter.bind(source, key)
  }
  return reasons
}
