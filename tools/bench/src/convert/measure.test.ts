import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { plainSeconds, readSpeed, writeSpeed } from './disk.js'
import { boundSeconds, type ConvertRun, convertTable } from './measure.js'

const run: ConvertRun = {
  ...{ dtype: 'int4', seconds: 10, sourceBytes: 8e9, targetBytes: 2e9, peakMb: 150 },
  ...{ read: 2e9, write: 5e8, plain: 8, cold: true },
}

it('tells what share of the disk a conversion is', () => {
  expect(boundSeconds(run)).toBe(4)
  expect(boundSeconds({ ...run, write: 1e8 })).toBe(20)
  const row = convertTable([run, { ...run, seconds: 20 }, { ...run, seconds: 8 }])
    .split('\n')
    .at(-1)
  expect(row).toBe('| int4 | 8.00 | 2.00 | 10.0 | 800 | 2000 | 500 | 160 % | 40 % | 80 % | 150 |')
})

it('measures a disk, and leaves nothing on it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'viscpm-disk-'))
  try {
    const file = join(folder, 'file')
    await writeFile(file, new Uint8Array(20e6))
    expect(await readSpeed(file)).toBeGreaterThan(1e6)
    expect(await writeSpeed(folder, 20e6)).toBeGreaterThan(1e5)
    expect(await plainSeconds(file, folder, 0.3)).toBeGreaterThan(0)
    expect(await readdir(folder)).toEqual(['file'])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
