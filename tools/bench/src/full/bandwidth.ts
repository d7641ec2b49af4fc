import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readBandwidth } from '../machine.js'
import { median } from '../statistics.js'
import { output } from './shell.js'

const source = fileURLToPath(new URL('../../native/read-bandwidth.c', import.meta.url))

/** Reads the memory of this machine; the fastest of the methods that there are. */
export interface MemoryReader {
  readonly method: string
  /** GB/s of `threads` threads together, the median of some passes. */
  read(threads: number): Promise<number>
}

const compareBuffers: MemoryReader = {
  method: 'Buffer.compare in worker threads',
  read: threads => readBandwidth(threads),
}

/** A C program, compiled now, where there is a compiler; else JavaScript's fastest reading. `log` says why it is not there. */
export async function memoryReader(folder: string, log: (text: string) => void): Promise<MemoryReader> {
  const program = join(folder, 'read-bandwidth')
  try {
    await output('cc', ['-O3', '-march=native', '-pthread', source, '-o', program])
  } catch (error) {
    log(`no C compiler, so memory is read from JavaScript: ${(error as Error).message.split('\n')[0]}`)
    return compareBuffers
  }
  const compiled: MemoryReader = {
    method: 'C, every thread sums 1 GiB of its own',
    async read(threads) {
      const lines = await output(program, [String(threads), '1024', '7'])
      return median(lines.split('\n').map(Number))
    },
  }
  const [a, b] = [await compiled.read(2), await compareBuffers.read(2)]
  return a >= b ? compiled : compareBuffers
}
