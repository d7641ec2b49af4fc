import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { onnxruntimeNode } from '@viscpm/core/node'
import { openWebFolder } from '@viscpm/core/web'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { VisCPMPaint as NodeVisCPMPaint } from '../node/index.js'
import { VisCPMPaint } from './index.js'

const backend = onnxruntimeNode()
let server: Server
let base: string

beforeAll(async () => {
  server = createServer(async ({ url }, response) => {
    const file = fileURLToPath(new URL(`../../../tiny${url}`, import.meta.url))
    const bytes = await readFile(file).catch(() => undefined)
    if (bytes === undefined) response.writeHead(404).end()
    else response.end(bytes)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/paint`
})
afterAll(() => new Promise(resolve => server.close(resolve)))

it('paints from a folder of a server as from the same files, and ranks', async () => {
  const painter = await VisCPMPaint.load(base, { backend, cache: false })
  const local = await NodeVisCPMPaint.load('tiny')
  expect([painter.name, painter.modelHash, painter.defaultSize]).toEqual([local.name, local.modelHash, 64])
  expect(painter.defaults).toEqual(local.defaults)
  const request = { prompt: 'a red cat', seed: 3, steps: 4, candidates: 2 }
  const [here, there] = [await painter.generate(request), await local.generate(request)]
  // Weights that are copied and weights that are mapped are the same numbers.
  expect(here.candidates.map(({ image }) => image)).toEqual(there.candidates.map(({ image }) => image))
  expect(here.candidates.map(({ score }) => score)).toEqual(there.candidates.map(({ score }) => score))
  expect(here.ranking).toEqual(there.ranking)
  expect(here.candidates[0]!.metadata.scheduler).toEqual(there.candidates[0]!.metadata.scheduler)
  // The UNet is made anew.
  await painter.generate({ ...request, steps: 2, candidates: 1, tokenMerging: 0.5 })
  await painter.dispose()
  await local.dispose()
})

it('says what a folder lacks', async () => {
  const files = await openWebFolder(base, { cache: false })
  const vae = { ...files, open: () => files.open('vae/diffusion_pytorch_model.safetensors') }
  await expect(VisCPMPaint.load(vae, { backend })).rejects.toMatchObject({
    code: 'FILE_FORMAT',
    message: expect.stringMatching(/no viscpm-paint checkpoint/),
  })
  await expect(VisCPMPaint.load(`${base}/vae`, { backend, cache: false })).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    file: `${base}/vae/SHA256SUMS`,
  })
})
