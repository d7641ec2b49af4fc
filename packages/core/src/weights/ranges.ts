import type { ByteSource } from '../bytes.js'

export interface Range {
  readonly offset: number
  readonly length: number
}

const maxGap = 64 * 1024
const maxRead = 1024 * 1024
const concurrency = 16

/** Reads many small ranges; neighbours are joined, so that thousands of headers cost few requests. In the order given. */
export async function readRanges(source: ByteSource, ranges: readonly Range[]): Promise<Uint8Array[]> {
  const order = ranges.map((_, i) => i).sort((a, b) => ranges[a]!.offset - ranges[b]!.offset)
  const groups: { start: number; end: number; members: number[] }[] = []
  for (const i of order) {
    const { offset, length } = ranges[i]!
    const last = groups.at(-1)
    if (last && offset - last.end <= maxGap && offset + length - last.start <= maxRead) {
      last.end = Math.max(last.end, offset + length)
      last.members.push(i)
    } else groups.push({ start: offset, end: offset + length, members: [i] })
  }

  const out = new Array<Uint8Array>(ranges.length)
  let next = 0
  async function worker(): Promise<void> {
    while (next < groups.length) {
      const group = groups[next++]!
      const bytes = await source.read(group.start, group.end - group.start)
      for (const i of group.members) {
        const { offset, length } = ranges[i]!
        // Copied where the group is larger, so that one header does not keep a megabyte alive.
        const part = bytes.subarray(offset - group.start, offset - group.start + length)
        out[i] = group.members.length === 1 ? part : new Uint8Array(part)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, groups.length) }, worker))
  return out
}
