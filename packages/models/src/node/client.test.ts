import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { HubClient } from './client.js'
import { type SettingsOptions, settingsOf } from './settings.js'

const open: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  open.push(() => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function clientOf(options: SettingsOptions = {}): HubClient {
  const client = new HubClient(settingsOf({ env: {}, stallTimeout: 5000, ...options }))
  open.push(() => client.close())
  return client
}

describe('HubClient', () => {
  it('follows redirects, and keeps what the hops have said', async () => {
    const url = await serve((request, response) => {
      if (request.url === '/file') response.end('the file')
      else response.writeHead(307, { location: 'file', 'x-linked-etag': '"abc"' }).end()
    })
    const answer = await clientOf().get(`${url}/start`)
    expect([answer.status, answer.url, await text(answer.body)]).toEqual([200, `${url}/file`, 'the file'])
    expect([answer.header('x-linked-etag'), answer.hopHeader('x-linked-etag')]).toEqual([undefined, '"abc"'])
  })

  it.each([
    ['/again', 'redirects'],
    ['ftp://127.0.0.1/x', 'ftp:'],
    ['file:///etc/passwd', 'file:'],
    ['data:text/plain,x', 'data:'],
  ])('does not follow a redirect to %s', async (location, told) => {
    let asked = 0
    const url = await serve((_, response) => {
      asked++
      response.writeHead(302, { location }).end()
    })
    await expect(clientOf().get(`${url}/start`)).rejects.toThrow(told)
    expect(asked).toBeLessThan(12)
  })

  it('sends the token to the first endpoint, by origin', async () => {
    const seen: (string | undefined)[] = []
    const listener: RequestListener = ({ headers }, response) => {
      seen.push(headers.authorization)
      response.end('{}')
    }
    const [first, second] = [await serve(listener), await serve(listener)]
    const client = clientOf({ token: 'hf_x', endpoints: [first, second] })
    for (const url of [first, second, first.replace('127.0.0.1', 'localhost')]) {
      const answer = await client.get(`${url}/a`).catch(() => undefined)
      answer?.body.destroy()
    }
    expect(seen.slice(0, 2)).toEqual(['Bearer hf_x', undefined])
    expect(seen.slice(2).every(one => one === undefined)).toBe(true)
  })

  it("keeps a caller's authorization at the origin it is for, whoever redirects, there and back", async () => {
    const seen: [string, string | undefined, string | undefined, string | undefined][] = []
    const told =
      (name: string, to: () => string | undefined): RequestListener =>
      ({ headers }, response) => {
        seen.push([name, headers.authorization, headers.cookie, headers.range])
        const location = to()
        if (location === undefined) response.end('the file')
        else response.writeHead(302, { location }).end()
      }
    let [hops, back] = [0, '']
    const cdn = await serve(told('cdn', () => (back === '' ? undefined : back)))
    const hub = await serve(told('hub', () => [`/again`, `${cdn}/file`][hops++]))
    const headers = { Authorization: 'Bearer hf_mine', cookie: 'session=1', range: 'bytes=3-' }
    const mine = ['Bearer hf_mine', 'session=1', 'bytes=3-']
    for (const ask of [
      () => clientOf().get(`${hub}/file`, { headers }),
      () => clientOf().fetch(`${hub}/file`, { headers }),
    ]) {
      ;[hops, seen.length] = [0, 0]
      const { body } = await ask()
      expect(seen).toEqual([
        ['hub', ...mine],
        ['hub', ...mine],
        ['cdn', undefined, undefined, 'bytes=3-'],
      ])
      if (body && 'destroy' in body) body.destroy()
    }
    // Who was sent away and back has lost it: the way may have been somebody else's idea.
    ;[hops, seen.length, back] = [1, 0, `${hub}/last`]
    const answer = await clientOf().get(`${hub}/file`, { headers })
    answer.body.destroy()
    expect(seen.map(([name, authorization]) => [name, authorization])).toEqual([
      ['hub', 'Bearer hf_mine'],
      ['cdn', undefined],
      ['hub', undefined],
    ])
  })

  it.each([
    [303, 'GET', ''],
    [302, 'GET', ''],
    [307, 'POST', '{"paths":[]}'],
  ])('goes on after %i with %s', async (status, method, body) => {
    let got: (string | undefined)[] = []
    const url = await serve(async (request, response) => {
      if (request.url === '/start') return void response.writeHead(status, { location: '/end' }).end()
      got = [request.method, await text(request)]
      response.end('[]')
    })
    const init = { method: 'POST', body: '{"paths":[]}', headers: { 'content-type': 'application/json' } }
    await clientOf().fetch(`${url}/start`, init)
    expect(got).toEqual([method, body])
  })

  it('asks for the bytes as they are, and stops reading lists that never end', async () => {
    let encoding: string | string[] | undefined
    const url = await serve(({ headers }, response) => {
      encoding = headers['accept-encoding']
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(2 ** 20)));
      }
      response.on('drain', more).on('error', () => {})
      more()
    })
    await expect(clientOf().fetch(`${url}/api`)).rejects.toThrow('more than')
    expect(encoding).toBe('identity')
  })

  it('ends with the signal, and does not wait for ever for a silent server', async () => {
    const url = await serve(() => {})
    const stop = new AbortController()
    const asking = clientOf().get(url, { signal: stop.signal })
    stop.abort(new Error('enough'))
    await expect(asking).rejects.toThrow('enough')
    await expect(clientOf({ stallTimeout: 100 }).get(url)).rejects.toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' })
  })
})
