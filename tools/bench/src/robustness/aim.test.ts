import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { atMoment, momentNames } from './aim.js'

let place: string
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'viscpm-aim-'))
})
afterEach(() => rm(place, { recursive: true, force: true }))

/** What a conversion does to its folders, in its order. */
async function convert(): Promise<void> {
  const model = join(place, '.model.converting', 'model')
  const pause = () => new Promise(resolve => setTimeout(resolve, 50))
  await writeFile(join(place, '.model.lock'), '')
  await pause()
  await mkdir(join(place, '.model.converting'))
  await pause()
  await mkdir(model)
  await pause()
  await writeFile(join(model, 'bee.txt'), '')
  await pause()
  await writeFile(join(model, 'manifest.json'), '')
  await pause()
  await rename(join(place, 'model'), join(place, '.model.replaced'))
  await pause()
}

it('meets every moment of a conversion, in their order', async () => {
  await mkdir(join(place, 'model'))
  const met: string[] = []
  const stops = momentNames.map(name =>
    atMoment(name, join(place, 'model'), () => met.at(-1) !== name && met.push(name)),
  )
  await convert()
  await vi.waitFor(() => expect(met).toEqual([...momentNames]))
  for (const stop of stops) stop()
})

it('calls no more when it was stopped', async () => {
  await mkdir(join(place, 'model'))
  const met = vi.fn()
  for (const name of momentNames) atMoment(name, join(place, 'model'), met)()
  await convert()
  expect(met).not.toHaveBeenCalled()
})
