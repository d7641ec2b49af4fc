import { rm, statfs } from 'node:fs/promises'
import { runFast } from '../groups/fast.js'
import { type Prepared, prepareInt8 } from '../groups/paint-int8.js'
import { paintConfigs } from '../groups/paint-sizes.js'
import { runSteps } from '../groups/paint-steps.js'
import type { BenchOptions } from '../options.js'
import type { Peer } from '../peer.js'
import { probeTorch } from '../peers.js'
import { openvinoPeer, writeUNetGraph } from './openvino.js'
import { memoryRows, paintWholePicture, type WholePicture, writePainter } from './paint-memory.js'
import { type PaintRun, paintRows } from './paint-rows.js'
import type { FullRow } from './row.js'
import { withTemporaryFolder } from './temporary-folder.js'

/** Of the original's: width of the language model. */
const config = { ...paintConfigs.fast, trans_block: { dim_in: 4096 } }
const latentSide = 64

/** Rows of the table, and what was left out and why. */
export interface PaintFull {
  readonly rows: readonly FullRow[]
  readonly notes: readonly string[]
}

/**
 * Painting at full size with random weights: steps of the UNet and the VAE against PyTorch and OpenVINO, the preset `fast`
 * against 50 steps, and the memory of a whole picture with the text encoder. Removes what it wrote: up to 8 GB.
 * @throws Error before anything is measured, where the disk is too small
 */
export async function measurePaintFull(options: BenchOptions, log: (text: string) => void): Promise<PaintFull> {
  const { runs, threads, paintModel } = options
  const notes: string[] = []
  return withTemporaryFolder('viscpm-bench-paint-', async folder => {
    await checkDisk(folder)
    const peers = await peersOf(options, notes, log)
    const models = await prepareInt8(folder, config, threads, log)
    if (peers.openvino) await writeUNetGraph(models.int8)
    const measured: PaintRun[] = []
    for (let run = 0; run < runs; run++) {
      measured.push(await oneRun(models, peers, run % 2 === 0, threads))
      log(`paint: run ${run + 1} of ${runs}`)
    }
    for (const done of [models.plain, models.int8Vae!]) await rm(done, { recursive: true }) // makes room for the language model
    const painter =
      paintModel === undefined ? await writePainter(folder, models.int8) : { where: paintModel, places: {} }
    const pictures: WholePicture[] = []
    for (let run = 0; run < runs; run++) {
      pictures.push(await paintWholePicture(painter, threads))
      log(`paint: picture ${run + 1} of ${runs}`)
    }
    const what = paintModel === undefined ? 'int4 language model, int8 UNet' : 'the given model'
    return { rows: [...paintRows(measured), ...memoryRows(pictures, what)], notes }
  })
}

const neededBytes = 9e9

async function checkDisk(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
  if (bavail * bsize < neededBytes)
    throw new Error(
      `${folder} has ${gb(bavail * bsize)} free, ${gb(neededBytes)} are needed. TMPDIR names another folder.`,
    )
}

interface Peers {
  readonly torch: string | undefined
  readonly openvino: (() => Peer) | undefined
}

async function peersOf(
  { torch, python, threads, peers }: BenchOptions,
  notes: string[],
  log: (text: string) => void,
): Promise<Peers> {
  const left = (what: string, why: string): undefined => {
    notes.push(`painting without ${what}: ${why}`)
    log(notes.at(-1)!)
  }
  const found = torch ? await probeTorch(python, threads) : { missing: 'not asked for' }
  const hasPainting = !('missing' in found) && found.diffusers !== undefined
  if (!hasPainting) left('PyTorch', 'missing' in found ? found.missing : 'no diffusers')
  const openvino = peers === undefined ? { missing: 'not asked for' } : await openvinoPeer(peers, python, log)
  return {
    torch: hasPainting ? python : undefined,
    openvino: 'missing' in openvino ? left('OpenVINO', openvino.missing) : openvino,
  }
}

async function oneRun(
  { plain, int8, int8Vae }: Prepared,
  peers: Peers,
  first: boolean,
  threads: number,
): Promise<PaintRun> {
  const common = { sides: [latentSide], exact: false, decode: false, dtype: undefined } as const
  const own = { ...common, ours: int8, theirs: int8, repeats: 2 }
  return {
    float32: await runSteps(
      { ...common, ours: plain, theirs: plain, exact: true, decode: true, repeats: 1 },
      first,
      threads,
      peers.torch,
    ),
    int8: await runSteps({ ...own, theirs: plain, dtype: 'bfloat16' }, first, threads, peers.torch),
    openvino: peers.openvino && (await runSteps(own, first, threads, peers.openvino)),
    fast: await runFast(plain, threads, false),
    fastInt8: await runFast(int8, threads, false),
    fastInt8Vae: await runFast(int8Vae!, threads, false),
  }
}
