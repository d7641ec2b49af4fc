import { readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { freemem } from 'node:os'

/** About what one layer of the 10B and the embedding take as int4, in a file or in memory. */
const layerBytes = 103e6
const headBytes = 370e6
/** The vision tower, and what the published checkpoint takes for each layer and for the rest. */
const visionBytes = 700e6
const sourceLayerBytes = 406e6
const sourceRestBytes = 1.5e9
/** Activations, cache, runtime; PyTorch's four layers in float32 are not more than the rest together. */
const besidesBytes = 3.5e9

export interface Space {
  readonly diskBytes: number
  readonly memoryBytes: number
}

/** What is written before anything is measured: nothing, the language model, or a checkpoint that is converted and deleted. */
export type Written = 'nothing' | 'language' | 'chat'

/** What measuring takes: our file and the peer's of the same size on the disk, one of both in memory. */
export function neededSpace(layers: number, written: Written): Space {
  const model = layers * layerBytes + headBytes
  const source = layers * sourceLayerBytes + sourceRestBytes
  // The source is gone before the peer's file is there; the small models of the other formats are there one at a time.
  const ours = { nothing: model, language: 2 * model, chat: model + visionBytes + Math.max(source, model) }[written]
  return { diskBytes: ours * 1.05 + 2e9, memoryBytes: model * 1.15 + besidesBytes }
}

/** Whether a folder's disk has room for it. */
export async function hasDisk(folder: string, { diskBytes }: Space): Promise<boolean> {
  return (await freeDisk(folder)) >= diskBytes
}

/** @throws Error saying what is missing, before anything is written */
export async function checkSpace(folder: string, need: Space): Promise<void> {
  const have = { disk: await freeDisk(folder), memory: availableMemory() }
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`
  const fewer = 'Fewer layers need less: --layers 12.'
  if (have.disk < need.diskBytes)
    throw new Error(
      `${folder} has ${gb(have.disk)} free, ${gb(need.diskBytes)} are needed. ${fewer} TMPDIR names another folder.`,
    )
  if (have.memory < need.memoryBytes)
    throw new Error(`${gb(have.memory)} of memory are free, ${gb(need.memoryBytes)} are needed. ${fewer}`)
}

async function freeDisk(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** With what the system would drop for it. */
function availableMemory(): number {
  try {
    const kb = /MemAvailable:\s*(\d+) kB/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
    return kb === undefined ? freemem() : Number(kb) * 1024
  } catch {
    return freemem()
  }
}
