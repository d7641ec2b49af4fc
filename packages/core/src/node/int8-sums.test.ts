import { readFileSync } from 'node:fs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, it } from 'vitest'
import type { OrtRuntime } from '../session/ort-session.js'
import { int8SumsOverflow } from './int8-sums.js'

/** onnxruntime, with the result of every run changed. */
function changed(edit: (sums: Int32Array) => void): OrtRuntime {
  const create = async (...args: Parameters<typeof InferenceSession.create>) => {
    const session = await InferenceSession.create(...args)
    const run = async (...feeds: Parameters<typeof session.run>) => {
      const found = await session.run(...feeds)
      edit(found.sums!.data as Int32Array)
      return found
    }
    return { run, release: () => session.release() }
  }
  return { Tensor, InferenceSession: { create } } as unknown as OrtRuntime
}

it('tells a processor that cuts sums off from one that does not', async () => {
  const vnni = process.platform === 'linux' && /avx512_vnni|avx_vnni/.test(readFileSync('/proc/cpuinfo', 'utf8'))
  const plain = await int8SumsOverflow(changed(() => {}))
  if (vnni) expect(plain).toBe(false)
  // Two products of 255 * 127 in 16 bits, as vpmaddubsw gives them.
  expect(await int8SumsOverflow(changed(sums => sums.fill(32 * 32767)))).toBe(true)
  expect(await int8SumsOverflow(changed(sums => sums.fill(64 * 255 * 127)))).toBe(false)
})
