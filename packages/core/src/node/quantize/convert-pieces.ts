import { type FileHandle, open } from 'node:fs/promises'
import type { ManifestTensor } from '../../quantize/manifest.js'
import type { Rounding } from '../../quantize/rounding.js'
import { writeFailed } from '../atomic.js'
import { describeTensor } from './describe.js'
import { Journal, type JournalHeader, type JournalPiece, type readJournal } from './journal.js'
import type { ConversionOptions } from './options.js'
import type { PieceResult } from './piece-task.js'
import type { WorkPlaces } from './places.js'
import { WorkerPool } from './pool.js'
import { type SourceFiles, sourceChanged } from './source.js'
import type { PieceTasks, PlannedPiece } from './tasks.js'

/** How often what is done is made sure of. */
const flushMs = 250
/** Pieces of the source that are looked at again before an earlier run is gone on with. */
const probes = 16

interface Conversion {
  readonly places: WorkPlaces
  readonly tasks: PieceTasks
  readonly files: SourceFiles
  readonly rounding: Rounding
  readonly header: JournalHeader
  readonly journal: Awaited<ReturnType<typeof readJournal>>
  readonly options: ConversionOptions & { readonly workers: number }
}

interface Converted {
  readonly tensors: readonly ManifestTensor[]
  readonly converted: number
  readonly resumed: number
}

/** Converts what is not done yet, noting in the journal what is. */
export async function convertPieces(conversion: Conversion): Promise<Converted> {
  const { places, tasks, files, rounding, header, options } = conversion
  const ratios = { 4: rounding.ratios(4), 8: rounding.ratios(8) }
  const setup = { sources: files.paths, target: places.weights, writable: true, memory: tasks.memory, ratios }
  const journal = await Journal.open(places.journal, header, tasks.pieces.length, conversion.journal?.bytes)
  try {
    const pool = await WorkerPool.start(options.workers, setup)
    try {
      return await withPool(conversion, pool, journal)
    } finally {
      await pool.close()
    }
  } finally {
    await journal.close()
  }
}

async function withPool(
  { places, tasks, files, journal: found, options }: Conversion,
  pool: WorkerPool,
  journal: Journal,
): Promise<Converted> {
  const results = tasks.sizes.map(({ count }) => new Array<PieceResult | undefined>(count).fill(undefined))
  const total = tasks.plan.tensors.reduce((sum, { source }) => sum + source.nbytes, 0)
  const checked = await checkedPieces(found?.pieces ?? [], tasks, files, pool, options)
  let resumed = 0
  for (const one of checked) {
    results[one.tensor]![one.piece] = one
    resumed += tasks.bytes(one)
  }
  let done = resumed
  const report = () => options.onProgress?.({ phase: 'convert', done, total, unit: 'bytes' })
  report()

  const target = await open(places.weights, 'r+')
  const stop = new AbortController()
  const log = new Log(target, places.weights, journal, error => stop.abort(error))
  try {
    const missing = tasks.pieces.filter(({ tensor, piece }) => !results[tensor]![piece])
    await pool.each(
      missing,
      async (host, place: PlannedPiece) => {
        stop.signal.throwIfAborted()
        const result = await host.call('convert', [await tasks.task(place), { write: true }])
        results[place.tensor]![place.piece] = result
        log.add({ ...place, ...result })
        done += tasks.bytes(place)
        report()
      },
      options.signal,
    )
  } finally {
    // What is done is kept, whatever ended it.
    await log.end().finally(() => target.close())
  }
  const tensors = tasks.plan.tensors.map((planned, i) => describeTensor(planned, results[i] as PieceResult[]))
  return { tensors, converted: done - resumed, resumed }
}

/** Notes pieces in the journal, in turns: first the file is made sure of, then the journal says so. */
class Log {
  private waiting: JournalPiece[] = []
  private flushing: Promise<void> = Promise.resolve()
  private readonly timer: NodeJS.Timeout
  private failure: { readonly reason: unknown } | undefined

  constructor(
    private readonly target: FileHandle,
    private readonly file: string,
    private readonly journal: Journal,
    private readonly onFailure: (error: unknown) => void,
  ) {
    this.timer = setInterval(() => this.flush(), flushMs)
  }

  add(piece: JournalPiece): void {
    this.waiting.push(piece)
  }

  /** @throws WriteFailedError, also of an earlier flush */
  async end(): Promise<void> {
    clearInterval(this.timer)
    this.flush()
    await this.flushing
    if (this.failure) throw this.failure.reason
  }

  private flush(): void {
    this.flushing = this.flushing.then(async () => {
      if (this.failure || this.waiting.length === 0) return
      const batch = this.waiting.splice(0)
      try {
        await this.target.datasync().catch(cause => {
          throw writeFailed(this.file, cause)
        })
        await this.journal.append(batch)
      } catch (reason) {
        this.failure = { reason }
        this.onFailure(reason)
      }
    })
  }
}

/**
 * The pieces of an earlier run that lie in the file as its journal says: the others are converted again.
 * @throws SourceChangedError when a piece of the source is not what it was
 */
async function checkedPieces(
  pieces: readonly JournalPiece[],
  tasks: PieceTasks,
  { paths }: SourceFiles,
  pool: WorkerPool,
  { signal }: ConversionOptions,
): Promise<JournalPiece[]> {
  const good: JournalPiece[] = []
  const step = Math.max(1, Math.floor(pieces.length / probes))
  await pool.each(
    pieces.map((piece, i) => ({ piece, probed: i % step === 0 })),
    async (host, { piece, probed }) => {
      const task = await tasks.task(piece)
      if (probed && (await host.call('source', [task])) !== piece.source)
        throw sourceChanged(paths[task.file] ?? task.key, `${task.key} changed since its conversion began`)
      const { target, scales } = await host.call('written', [task])
      if (target === piece.target && scales === piece.scales) good.push(piece)
    },
    signal,
  )
  return good
}
