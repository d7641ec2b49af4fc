import { DisposedError } from '../errors.js'
import type { TensorInfo, WeightSource } from '../weights/types.js'

/** A weight of a module: its shape is declared, its values are found in a checkpoint by the field's path. */
export class Parameter {
  readonly shape: readonly number[]
  private bound: { source: WeightSource; key: string } | undefined

  constructor(...shape: number[]) {
    this.shape = shape
  }

  bind(source: WeightSource, key: string): void {
    this.bound = { source, key }
  }

  get source(): WeightSource {
    return this.binding().source
  }

  get key(): string {
    return this.binding().key
  }

  get info(): TensorInfo {
    const { source, key } = this.binding()
    return source.info(key)
  }

  private binding(): { source: WeightSource; key: string } {
    if (!this.bound)
      throw new DisposedError({
        message: 'a parameter was used before its module was bound to weights (call bindWeights)',
      })
    return this.bound
  }
}

/** A part of a model. Fields that are parameters, modules, or arrays and plain objects of them are the checkpoint's keys. */
export abstract class Module {
  /** All parameters by their dotted path, in field order: the keys that a checkpoint must have. */
  namedParameters(prefix = ''): Map<string, Parameter> {
    const found = new Map<string, Parameter>()
    collect(this, prefix, found)
    return found
  }
}

function collect(value: unknown, path: string, found: Map<string, Parameter>): void {
  if (value instanceof Parameter) found.set(path, value)
  else if (value !== null && typeof value === 'object' && !ArrayBuffer.isView(value))
    for (const [field, inner] of Object.entries(value)) collect(inner, path ? `${path}.${field}` : field, found)
}
