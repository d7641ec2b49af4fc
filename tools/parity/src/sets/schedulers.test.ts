import { existsSync } from 'node:fs'
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runSchedulers } from './schedulers.js'

const source = ['../../goldens/schedulers', '../../../../../shared/goldens/schedulers']
  .map(place => fileURLToPath(new URL(place, import.meta.url)))
  .find(folder => existsSync(folder))
if (source === undefined) console.warn('SKIPPED: the recorded cases of schedulers are not at hand')

let goldens: string
beforeAll(async () => {
  goldens = await mkdtemp(join(tmpdir(), 'viscpm-schedulers-'))
  if (!source) return
  await cp(source, join(goldens, 'schedulers'), { recursive: true })
  // The kept set may be read-only, folders and files too.
  await chmod(join(goldens, 'schedulers'), 0o755)
})
afterAll(() => rm(goldens, { recursive: true, force: true }))

it.skipIf(!source)('equals diffusers in every case, and names what differs', async () => {
  for (const { set, cases, passed, failures } of await runSchedulers(goldens)) {
    expect(failures, set).toEqual([])
    expect(passed, set).toBe(cases)
  }

  // Another scale, another prediction, another seed, other steps with noise.
  const file = join(goldens, 'schedulers', 'schedulers_0.35.2.json')
  const index = JSON.parse(await readFile(file, 'utf8'))
  const find = (key: string) => index.cases.find((item: { key: string }) => item.key === key)
  find('euler/4').init_noise_sigma *= 1.001
  find('dpmpp_2m/4').config_override.prediction_type = 'v_prediction'
  find('ddpm/4').generator_seed++
  find('lcm/4').noise_steps = [0]
  index.cases = ['euler/4', 'dpmpp_2m/4', 'ddpm/4', 'lcm/4'].map(find)
  await chmod(file, 0o644)
  await writeFile(file, JSON.stringify(index))
  await rm(join(goldens, 'schedulers', 'schedulers_0.15.0.json'), { force: true })
  const failures = (await runSchedulers(goldens)).flatMap(result => result.failures.map(f => `${result.set} ${f}`))
  expect(failures).toEqual([
    expect.stringMatching(/^schedulers\/sigmas 0\.35\.2 euler\/4: initial sigma off by 0\.0009\d+ /),
    expect.stringMatching(/^schedulers\/steps 0\.35\.2 dpmpp_2m\/4: the next sample off by /),
    expect.stringMatching(/^schedulers\/steps 0\.35\.2 lcm\/4: steps with noise off by Infinity/),
    expect.stringMatching(/^schedulers\/trajectories 0\.35\.2 dpmpp_2m\/4: trajectory off by /),
    expect.stringMatching(/^schedulers\/trajectories, noise drawn anew 0\.35\.2 ddpm\/4: trajectory off by /),
  ])
})
