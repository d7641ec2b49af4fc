import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onnxruntimeNode, openCheckpoint } from '@viscpm/core/node'
import {
  frechetDistance,
  InceptionFeatures,
  type InceptionResize,
  inceptionDims,
  kernelDistance,
  momentsOf,
  readNpy,
} from '@viscpm/eval'
import { listPictures, loadMoments, readPicture } from '@viscpm/eval/node'

/** One figure of both sides. */
export interface ParityRow {
  readonly name: string
  readonly peer: number
  readonly ours: number
  /** |ours - peer| / |peer|; of features the largest difference over the largest feature. */
  readonly relative: number
}

/** What python/peer.py writes. */
interface Peer {
  readonly cases: readonly {
    readonly name: string
    readonly index: number
    readonly dim: number
    readonly fid: number
    readonly kid: number
    readonly rows: number
  }[]
  readonly modes: Readonly<Record<InceptionResize, { readonly fid: number }>>
}

/** Computes everything that the peer computed, from its files. @param say is told what is going on */
export async function comparePeer(folder: string, say: (text: string) => void): Promise<readonly ParityRow[]> {
  const peer = JSON.parse(await readFile(join(folder, 'peer.json'), 'utf8')) as Peer
  const rows: ParityRow[] = []
  const add = (name: string, theirs: number, ours: number): void => {
    rows.push({ name, peer: theirs, ours, relative: Math.abs(ours - theirs) / Math.abs(theirs) })
  }
  for (const { name, index, dim, fid, kid, rows: count } of peer.cases) {
    say(name)
    const [a, b] = [await array(folder, `${index}-a`), await array(folder, `${index}-b`)]
    const started = performance.now()
    const { distance } = frechetDistance(momentsOf(a, dim), momentsOf(b, dim))
    say(`  FID in ${((performance.now() - started) / 1000).toFixed(1)} s`)
    add(`FID, ${name}`, fid, distance)
    const saved = await Promise.all(['a', 'b'].map(side => loadMoments(join(folder, `${index}-${side}.npz`))))
    add(`FID of saved .npz, ${name}`, fid, frechetDistance(saved[0]!, saved[1]!).distance)
    const part = (features: Float32Array) => features.subarray(0, count * dim)
    const kernel = await kernelDistance(part(a), part(b), dim, { subsets: 1, subsetSize: count })
    add(`KID, ${name}`, kid, kernel.distance)
  }
  for (const [mode, { fid }] of Object.entries(peer.modes) as [InceptionResize, { fid: number }][]) {
    const images = await Promise.all((await listPictures(folder)).map(async file => (await readPicture(file)).image))
    for (const dim of inceptionDims) {
      say(`Inception ${mode} ${dim}`)
      const weights = await openCheckpoint(join(folder, 'inception.pth'))
      const network = await InceptionFeatures.load({ weights, resize: mode, dim, backend: onnxruntimeNode() })
      const ours = await network.extract(images)
      await network.dispose()
      await weights.close()
      const theirs = await array(folder, `${mode}-${dim}`)
      rows.push({ name: `Inception features ${dim}, ${mode}`, ...largest(theirs, ours) })
      if (dim !== 2048) continue
      const half = Math.floor(images.length / 2) * dim
      const [first, second] = [momentsOf(ours.subarray(0, half), dim), momentsOf(ours.subarray(half), dim)]
      add(`FID of pictures, ${mode}`, fid, frechetDistance(first, second).distance)
    }
  }
  return rows
}

async function array(folder: string, name: string): Promise<Float32Array> {
  const file = join(folder, `${name}.npy`)
  return Float32Array.from(readNpy(await readFile(file), file).data)
}

/** The feature that differs most, over the largest feature. */
function largest(theirs: Float32Array, ours: Float32Array): Omit<ParityRow, 'name'> {
  const differs = theirs.map((value, i) => Math.abs(value - ours[i]!))
  const i = differs.indexOf(differs.reduce((a, b) => Math.max(a, b)))
  const scale = theirs.reduce((a, b) => Math.max(a, Math.abs(b)))
  return { peer: theirs[i]!, ours: ours[i]!, relative: differs[i]! / scale }
}
