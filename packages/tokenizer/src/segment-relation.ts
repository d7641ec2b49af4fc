import type { Segment } from './input.js'

/**
 * Bucket of the way from one segment to another: `up` levels to their common ancestor, `down` levels from it.
 * 0 is the segment itself; 1 is kept for other samples. Source: rel_to_bucket.
 */
export function relToBucket(up: number, down: number, maxDepth: number = 8): number {
  const bucket = up * maxDepth + down
  return bucket === 0 ? 0 : bucket + 1
}

/**
 * Buckets between all segments, flat [n, n], row = from, column = to. Levels are capped at maxDepth - 1.
 * Source: convert_data_to_id, `_build_segment_rel`.
 */
export function segmentRelations(segments: readonly Segment[], maxDepth: number): Int32Array {
  const n = segments.length
  // Depth of the lowest common ancestor. Segments come parents first, so each row needs only earlier ones.
  const common = new Uint16Array(n * n)
  for (let later = 1; later < n; later++) {
    const { parent, depth } = segments[later]!
    common[later * n + later] = depth
    for (let earlier = 0; earlier < later; earlier++) {
      const shared = common[parent * n + earlier]!
      common[later * n + earlier] = shared
      common[earlier * n + later] = shared
    }
  }
  const relations = new Int32Array(n * n)
  for (let from = 0; from < n; from++) {
    for (let to = 0; to < n; to++) {
      const shared = common[from * n + to]!
      const up = Math.min(segments[from]!.depth - shared, maxDepth - 1)
      const down = Math.min(segments[to]!.depth - shared, maxDepth - 1)
      relations[from * n + to] = relToBucket(up, down, maxDepth)
    }
  }
  return relations
}
