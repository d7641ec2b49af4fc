import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FileFormatError, FileNotFoundError, InvalidArgumentError } from '@viscpm/core'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { features } from '../../paint/fixtures/uniform.js'
import { writeNpy } from '../../paint/npy.js'
import { momentsOf } from '../../paint/statistics/moments.js'
import { loadMoments, saveMoments } from './npz.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-npz-'))
})
afterEach(() => rm(folder, { recursive: true }))

const moments = momentsOf(features('npz', 20, 5), 5)
const mu = writeNpy({ shape: [5], data: moments.mean })
const sigma = writeNpy({ shape: [5, 5], data: moments.covariance })
const written = async (files: Record<string, Uint8Array>, level: 0 | 6 = 6): Promise<string> => {
  const file = join(folder, 'given.npz')
  await writeFile(file, zipSync(files, { level }))
  return file
}

test('statistics come back bit for bit, and equal ones are equal files', async () => {
  const files = ['a.npz', 'b.npz'].map(name => join(folder, name))
  for (const file of files) await saveMoments(file, moments)
  expect(await loadMoments(files[0]!)).toEqual(moments)
  expect(await readFile(files[0]!)).toEqual(await readFile(files[1]!))
})

test.each([0, 6] as const)('reads what numpy writes, at level %d', async level => {
  const file = await written({ 'mu.npy': mu, 'sigma.npy': sigma, 'other.npy': new Uint8Array(3) }, level)
  expect(await loadMoments(file)).toEqual({ ...moments, count: undefined })
})

test('what is missing or does not fit is named', async () => {
  await expect(loadMoments(await written({ 'mu.npy': mu }))).rejects.toThrow('has no sigma')
  const small = writeNpy({ shape: [4, 4], data: new Float64Array(16) })
  const file = await written({ 'mu.npy': mu, 'sigma.npy': small })
  await expect(loadMoments(file)).rejects.toThrow('sigma has the shape [4,4], mu has [5]')
  const wrong = writeNpy({ shape: [5], data: new Float64Array(5).fill(Number.NaN) })
  await expect(loadMoments(await written({ 'mu.npy': wrong, 'sigma.npy': sigma }))).rejects.toThrow('mu is not finite')
  await writeFile(file, 'no zip')
  await expect(loadMoments(file)).rejects.toThrow(FileFormatError)
  await expect(loadMoments(join(folder, 'none.npz'))).rejects.toThrow(FileNotFoundError)
  await expect(saveMoments(join(folder, 'x.txt'), moments)).rejects.toThrow(InvalidArgumentError)
})
