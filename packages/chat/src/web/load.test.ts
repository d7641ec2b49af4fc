import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onnxruntimeNode } from '@viscpm/core/node'
import { openWebFolder } from '@viscpm/core/web'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { loadImage, VisCPMChat as NodeVisCPMChat, tinyFolder } from '../node/index.js'
import { VisCPMChat } from './index.js'

const folder = tinyFolder()
/** What is answered in place of a file. */
const instead = new Map<string, string>()
const backend = onnxruntimeNode()
let server: Server
let base: string

beforeAll(async () => {
  server = createServer(async ({ url }, response) => {
    const name = url!.slice('/model/'.length)
    const bytes = instead.get(name) ?? (await readFile(join(folder, name)).catch(() => undefined))
    if (bytes === undefined) response.writeHead(404).end()
    else response.end(bytes)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model/`
})
afterAll(() => new Promise(resolve => server.close(resolve)))
afterEach(() => instead.clear())

it('answers from a folder of a server as from the same files', async () => {
  const phases = new Set<string>()
  const onProgress = ({ phase }: { phase: string }) => phases.add(phase)
  const chat = await VisCPMChat.load(base, { backend, cache: false, onProgress })
  expect([...phases]).toEqual(expect.arrayContaining(['open', 'download']))
  const image = await loadImage(join(folder, '../pictures/house.png'))
  const { text } = await chat.ask(image, '这是什么？')
  expect(chat.name).toBe('viscpm-tiny')
  await chat.dispose()
  const local = await NodeVisCPMChat.load('tiny')
  expect(text).toBe((await local.ask(image, '这是什么？')).text)
  expect(chat.defaults).toEqual(local.defaults)
  await local.dispose()
})

it('names what is wrong, and stops when it is called off', async () => {
  const load = (options = {}) => VisCPMChat.load(base, { backend, cache: false, ...options })
  instead.set('config.json', '{}')
  await expect(load()).rejects.toMatchObject({ code: 'FILE_FORMAT', file: `${base}config.json` })
  instead.clear()
  const reason = new Error('enough')
  await expect(load({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  const controller = new AbortController()
  const onProgress = ({ phase }: { phase: string }) => phase === 'download' && controller.abort(reason)
  await expect(load({ signal: controller.signal, onProgress })).rejects.toBe(reason)
  const other = await openWebFolder(base, { cache: false })
  const painter = { ...other, open: () => other.open('bee.txt') }
  await expect(VisCPMChat.load(painter, { backend })).rejects.toMatchObject({ code: 'FILE_FORMAT' })
})
