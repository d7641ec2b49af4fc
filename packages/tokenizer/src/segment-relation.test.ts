import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type PackValue, readSegments } from './input.js'
import { relToBucket, segmentRelations } from './segment-relation.js'

const { tree } = fc.letrec<{ tree: PackValue }>(tie => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    fc.constant(''),
    fc.array(tie('tree'), { maxLength: 4 }).map(children => children.map((child, i) => [`k${i}`, child] as const)),
  ),
}))

test('every bucket follows from the way to the common ancestor', () => {
  fc.assert(
    fc.property(tree, fc.integer({ min: 1, max: 8 }), (data, maxDepth) => {
      const segments = readSegments(data)
      const relations = segmentRelations(segments, maxDepth)
      const line = (at: number): number[] => (at < 0 ? [] : [at, ...line(segments[at]!.parent)])
      for (const from of segments.keys()) {
        for (const to of segments.keys()) {
          const up = line(from).findIndex(ancestor => line(to).includes(ancestor))
          const down = line(to).findIndex(ancestor => line(from).includes(ancestor))
          const bucket = relToBucket(Math.min(up, maxDepth - 1), Math.min(down, maxDepth - 1), maxDepth)
          expect(relations[from * segments.length + to]).toBe(bucket)
        }
      }
    }),
  )
})
