import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createHost } from '@viscpm/core/node'
import { median } from '../statistics.js'
import { dropCaches, plainSeconds, readSpeed, writeSpeed } from './disk.js'
import type { Conversion, Converter } from './hosted.js'

/** One conversion and, in the same minute, what the disk can do. Speeds in bytes a second. */
export interface ConvertRun extends Conversion {
  readonly dtype: string
  readonly read: number
  readonly write: number
  /** Seconds that reading and writing as much take, without converting. */
  readonly plain: number
  /** Whether the source was read from the disk, not from the system's cache. */
  readonly cold: boolean
}

const hosted = new URL(import.meta.url.endsWith('.ts') ? './hosted.ts' : './hosted.js', import.meta.url)

/** Measures one conversion. */
export async function measureConversion(
  file: string,
  dtype: 'int4' | 'int8' | 'fp16',
  workers?: number,
): Promise<ConvertRun> {
  const folder = join(dirname(file), `.bench-${dtype}`)
  await rm(folder, { recursive: true, force: true })
  await dropCaches()
  const read = await readSpeed(file)
  const host = await createHost<Converter>({ module: hosted, kind: 'process' })
  try {
    const cold = await dropCaches()
    const options = { dtype, ...(workers !== undefined && { workers }) }
    const conversion = await host.call('convert', [file, folder, options])
    await rm(folder, { recursive: true, force: true })
    const write = await writeSpeed(dirname(file), conversion.targetBytes)
    await dropCaches()
    const plain = await plainSeconds(file, dirname(file), conversion.targetBytes / conversion.sourceBytes)
    return { ...conversion, dtype, read, write, plain, cold }
  } finally {
    await host.dispose()
    await rm(folder, { recursive: true, force: true })
  }
}

/** Seconds that the disk alone needs, where reading and writing hinder each other not at all. */
export const boundSeconds = ({ sourceBytes, targetBytes, read, write }: ConvertRun): number =>
  Math.max(sourceBytes / read, targetBytes / write)

/** Rows of a Markdown table: medians, and what share of the disk they are. */
export function convertTable(runs: readonly ConvertRun[]): string {
  const mb = (bytes: number) => (bytes / 1e6).toFixed(0)
  const rows = [...new Set(runs.map(({ dtype }) => dtype))].map(dtype => {
    const own = runs.filter(run => run.dtype === dtype)
    const of = (value: (run: ConvertRun) => number) => median(own.map(value))
    const ofSlower = of(run => run.sourceBytes / run.seconds / Math.min(run.read, run.write))
    return [
      dtype,
      (own[0]!.sourceBytes / 1e9).toFixed(2),
      (own[0]!.targetBytes / 1e9).toFixed(2),
      of(run => run.seconds).toFixed(1),
      mb(of(run => run.sourceBytes / run.seconds)),
      mb(of(run => run.read)),
      mb(of(run => run.write)),
      `${(100 * ofSlower).toFixed(0)} %`,
      `${(100 * of(run => boundSeconds(run) / run.seconds)).toFixed(0)} %`,
      `${(100 * of(run => run.plain / run.seconds)).toFixed(0)} %`,
      of(run => run.peakMb).toFixed(0),
    ]
  })
  const head = [
    'to',
    'GB read',
    'GB written',
    's',
    'MB/s',
    'disk reads',
    'disk writes',
    'of the slower',
    'of both',
    'of plain i/o',
    'peak MB',
  ]
  return [head, head.map(() => '---'), ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}
