import type { MemoryOption } from '../cost/budget.js'
import { InvalidArgumentError } from '../errors.js'
import type { SessionOptions } from '../session/types.js'
import { machineMemory } from './machine-memory.js'
import { preferredDevice } from './providers.js'

const boundless = { total: Number.POSITIVE_INFINITY, free: Number.POSITIVE_INFINITY }

/** Whether sessions of these options hold their weights in this machine's own memory. */
export function computesOnCpu({ device, executionProviders }: SessionOptions): boolean {
  return executionProviders ? executionProviders.every(name => name === 'cpu') : (device ?? preferredDevice()) === 'cpu'
}

/**
 * The memory that a model to be loaded has to fit into; nothing is too large where another device than the CPU holds the weights.
 * @throws InvalidArgumentError where a size is given for such a device
 */
export function memoryFor(
  options: SessionOptions,
  memory: MemoryOption | undefined,
): { readonly total: number; readonly free: number } {
  if (computesOnCpu(options)) return machineMemory()
  if (memory === undefined || memory === 'normal' || memory === 'low') return boundless
  throw new InvalidArgumentError({
    argument: 'memory',
    message: `sizes are counted for the CPU only, not for ${options.device ?? 'another device'}`,
    hint: 'normal and low work on every device.',
  })
}
