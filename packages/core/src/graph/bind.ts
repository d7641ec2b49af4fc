import type { IgnoredKey, IgnoredPattern } from '../weights/strict.js'
import { checkKeys } from '../weights/strict.js'
import type { WeightSource } from '../weights/types.js'
import { renamed } from '../weights/views.js'
import type { Module } from './module.js'

export interface BindOptions {
  /** Where the module's keys begin, e.g. 'llm.'. Keys that start otherwise are other modules'. */
  readonly prefix?: string
  readonly ignored?: readonly IgnoredPattern[]
}

/**
 * Points every parameter of `module` at its tensor. Strict: all keys present, none unknown, all shapes equal.
 * @returns the ignored keys with their reasons.
 * @throws MissingKeyError, UnexpectedKeyError, WrongShapeError
 */
export function bindWeights(module: Module, source: WeightSource, options: BindOptions = {}): IgnoredKey[] {
  const { prefix = '', ignored = [] } = options
  const parameters = module.namedParameters(prefix.replace(/\.$/, ''))
  const expected = new Map([...parameters].map(([key, { shape }]) => [key, shape]))
  const own = renamed(source, key => (key.startsWith(prefix) ? key : undefined))
  const skipped = checkKeys({ source: own, expected, ignored })
  for (const [key, parameter] of parameters) parameter.bind(source, key)
  return skipped
}
