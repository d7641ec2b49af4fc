import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { StartServerOptions } from '@viscpm/server'
import { describe, expect, it } from 'vitest'
import { run, start, until } from '../../fixtures/harness.js'
import { messagesOf } from '../../messages/index.js'
import { namedModel } from '../../options/served-models.js'

const t = messagesOf('en')

/** A server that only says what it was asked to be. */
function recorded() {
  const asked: StartServerOptions[] = []
  let closed = 0
  const startServer = async (options: StartServerOptions) => {
    asked.push(options)
    return { url: 'http://127.0.0.1:1', hasPage: true, ready: Promise.resolve(), close: async () => void closed++ }
  }
  return { asked, services: { startServer }, closed: () => closed }
}

describe('viscpm serve', () => {
  it('hands its options on, and ends at Ctrl-C', async () => {
    const { asked, services, closed } = recorded()
    const argv = ['serve', '--port', '0', '--model', 'tiny', '--model', 'big=some/folder', '--max-queue', '7']
    const more = [
      '--allow-host',
      'ai.example',
      '--allow-origin',
      'https://a.example',
      '--allow-remote-images',
      '--rate-limit',
      'paint=6/min',
      '--threads',
      '2',
    ]
    const running = start([...argv, ...more, '--safety', 'upstream'], { services })
    await until(() => running.stderr().includes('Ready'), 'ready')
    expect(running.stdout()).toContain('http://127.0.0.1:1')
    running.interrupt()
    expect(await running.exitCode).toBe(0)
    expect(closed()).toBeGreaterThan(0)
    expect(running.listeners()).toBe(0)
    expect(asked[0]).toMatchObject({
      host: '127.0.0.1',
      port: 0,
      models: [
        { id: 'tiny', where: 'tiny' },
        { id: 'big', where: 'some/folder' },
      ],
      maxQueued: 7,
      rateLimit: { paint: { perMinute: 6, burst: 6 } },
      threads: 2,
      allowedHosts: ['ai.example'],
      allowedOrigins: ['https://a.example'],
      remoteImages: true,
      safety: { preset: 'upstream' },
    })
  })

  it('says where jobs wait as the server says it: without a password', async () => {
    const { services } = recorded()
    const startServer = async (options: StartServerOptions) => ({
      ...(await services.startServer(options)),
      queue: 'redis://broker:6379',
    })
    const running = start(['serve', '--queue', 'redis://me:secret@broker'], { services: { startServer } })
    await until(() => running.stderr().includes('Ready'), 'ready')
    running.interrupt()
    expect(await running.exitCode).toBe(0)
    expect(running.stderr()).toContain('Jobs wait in redis://broker:6379 for workers.')
    expect(running.stderr()).not.toContain('secret')
  })

  it('names models after where they lie', () => {
    expect(namedModel('openbmb/VisCPM-Chat', t)).toEqual({ id: 'openbmb/VisCPM-Chat', where: 'openbmb/VisCPM-Chat' })
    expect(namedModel('/models/chat-v1/', t)).toEqual({ id: 'chat-v1', where: '/models/chat-v1/' })
    expect(namedModel('a=b=c', t)).toEqual({ id: 'a', where: 'b=c' })
    for (const wrong of ['=x', '../=x', 'a b=x', '..']) expect(() => namedModel(wrong, t)).toThrow()
  })

  it.each([
    [['--host', '0.0.0.0'], 2, '--api-key-file'],
    [['--model', 'no-such-model'], 1, 'no-such-model'],
    [['--api-key-file', '/nowhere'], 1, '/nowhere'],
    [['--port', 'x'], 2, '--port'],
    [['--queue', 'http://not-redis'], 2, 'redis'],
    [['--rate-limit', '6/day'], 2, 'paint=6/min'],
  ])('says what is wrong with %j', async (options, code, text) => {
    const done = await run(['serve', '--port', '0', ...options])
    expect([done.code, done.stdout]).toEqual([code, ''])
    expect(done.stderr).toContain(text)
  })

  it('says when the port is taken, in both languages', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const port = String((other.address() as AddressInfo).port)
    try {
      const done = await run(['serve', '--port', port])
      expect([done.code, done.stderr]).toEqual([1, expect.stringContaining(`port ${port} is taken`)])
      expect((await run(['serve', '--port', port, '--lang', 'zh'])).stderr).toContain(`端口 ${port}`)
    } finally {
      other.close()
    }
  })

  it('serves as a process of its own until SIGTERM', { timeout: 180_000 }, async () => {
    const bin = fileURLToPath(new URL('../../fixtures/bin-from-source.mjs', import.meta.url))
    const child = spawn(process.execPath, [bin, 'serve', '--port', '0', '--threads', '1'])
    let [out, err] = ['', '']
    child.stdout.on('data', piece => (out += piece))
    child.stderr.on('data', piece => (err += piece))
    const exited = once(child, 'exit')
    try {
      while (!/http:\/\/\S+/.test(out))
        await Promise.race([once(child.stdout, 'data'), exited.then(() => expect(err).toBe(''))])
      const [url] = /http:\/\/[\w.:]+/.exec(out)!
      expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ prompt: 'a cat', steps: 1, candidates: 1 })
      const painted = await fetch(`${url}/v1/images/generations`, { method: 'POST', headers, body })
      expect(painted.status).toBe(200)
      await painted.json()
      child.kill('SIGTERM')
      expect(await exited).toEqual([0, null])
    } finally {
      child.kill('SIGKILL')
    }
  })
})
