import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isPublicAddress } from './addresses.js'
import { fetchRemoteImage, RemoteImageError, type RemoteImageOptions } from './remote-image.js'

let canary: Server
let port = 0
let connections = 0

beforeAll(async () => {
  canary = createServer((req, res) => {
    if (req.url === '/picture') return void res.end('pixels')
    if (req.url === '/large') return void res.end(Buffer.alloc(5000))
    if (req.url === '/slow') return
    if (req.url?.startsWith('/to?'))
      return void res.writeHead(302, { location: decodeURIComponent(req.url.slice(4)) }).end()
    res.writeHead(404).end()
  })
  canary.on('connection', () => connections++)
  await new Promise<void>(resolve => canary.listen(0, '127.0.0.1', resolve))
  port = (canary.address() as AddressInfo).port
})
afterAll(() => {
  canary.closeAllConnections()
  canary.close()
})

/** Addresses that must not be reached, as they are usually written. */
const forbidden = [
  '127.0.0.1',
  '127.1.2.3',
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.254',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '169.254.170.2',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '192.168.255.255',
  '192.0.0.192',
  '198.18.0.1',
  '168.63.129.16',
  '224.0.0.1',
  '255.255.255.255',
]

const bytes = (ip: string) => ip.split('.').map(Number)
const whole = (ip: string) => bytes(ip).reduce((n, byte) => n * 256 + byte, 0)
const hex = (n: number, width = 2) => n.toString(16).padStart(width, '0')

/** All ways to write an IPv4 address that some parser reads. */
function spellings(ip: string): string[] {
  const [a, b, c, d] = bytes(ip) as [number, number, number, number]
  const [high, low] = [hex(a * 256 + b, 4), hex(c * 256 + d, 4)]
  return [
    ip,
    String(whole(ip)),
    `0x${hex(whole(ip), 8)}`,
    bytes(ip)
      .map(byte => `0x${hex(byte)}`)
      .join('.'),
    bytes(ip)
      .map(byte => `0${byte.toString(8)}`)
      .join('.'),
    `${a}.${b * 65536 + c * 256 + d}`,
    `[::ffff:${ip}]`,
    `[::ffff:${high}:${low}]`,
    `[::${high}:${low}]`,
    `[64:ff9b::${high}:${low}]`,
    `[2002:${high}:${low}::1]`,
    `${ip}.`,
    bytes(ip)
      .map(byte => [...String(byte)].map(digit => `%3${digit}`).join(''))
      .join('.'),
  ]
}

const urls = [
  ...forbidden.flatMap(ip => spellings(ip).map(host => `http://${host}:PORT/picture`)),
  ...[
    '[::1]',
    '[::]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[ff02::1]',
    '[2001:db8::1]',
    '[2001::1]',
    '[fec0::1]',
  ].map(host => `http://${host}:PORT/picture`),
  // Names of such addresses.
  ...[
    'localhost',
    'LOCALHOST',
    'localhost.',
    'metadata.google.internal',
    'rebind.example',
    'both.example',
    'mapped.example',
  ].map(host => `http://${host}:PORT/picture`),
  // What two parsers could read in two ways.
  'http://good.example@127.0.0.1:PORT/picture',
  'http://127.0.0.1:PORT@good.example/picture',
  'http://good.example:x@127.0.0.1:PORT/picture',
  'http://good.example\\@127.0.0.1:PORT/picture',
  'http:\\\\127.0.0.1:PORT\\picture',
  'http://127.0.0.1:PORT\\.good.example/picture',
  'http://127.0.0.1:PORT/picture#@good.example',
  'http://127.0.0.1:PORT/picture?@good.example',
  'http://①②⑦.⓪.⓪.①:PORT/picture',
  'http://127。0。0。1:PORT/picture',
  'http:127.0.0.1:PORT/picture',
  ' http://127.0.0.1:PORT/picture',
  'http://127.0.0.1:PORT/pic ture',
  'ht\ntp://127.0.0.1:PORT/picture',
  'http://127.0.0.1:PORT\t/picture',
  '//127.0.0.1:PORT/picture',
  // Other schemes.
  ...['file', 'ftp', 'gopher', 'dict', 'ldap', 'ws', 'blob:http', 'javascript', 'unix', 'jar'].map(
    scheme => `${scheme}://127.0.0.1:PORT/picture`,
  ),
  'file:///etc/passwd',
  '/etc/passwd',
  'http://',
  '',
]

const names: Readonly<Record<string, readonly string[]>> = {
  localhost: ['127.0.0.1'],
  'localhost.': ['127.0.0.1'],
  'metadata.google.internal': ['169.254.169.254'],
  'rebind.example': ['10.1.2.3'],
  // One of its addresses is public: not enough.
  'both.example': ['93.184.216.34', '127.0.0.1'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'good.example': ['93.184.216.34'],
}
const resolve = async (name: string) => {
  const found = names[name]
  if (!found) throw new Error(`ENOTFOUND ${name}`)
  return found.map(address => ({ address, family: address.includes(':') ? 6 : 4 }))
}

/** As permissive as can be: what is refused is refused for its address or its form. */
const open: RemoteImageOptions = { schemes: ['http:', 'https:'], anyPort: true, resolve, timeout: 30_000 }

async function fault(url: string, options: RemoteImageOptions): Promise<string> {
  try {
    await fetchRemoteImage(url, options)
    return 'fetched'
  } catch (error) {
    if (!(error instanceof RemoteImageError)) throw error
    return error.fault
  }
}

describe('addresses that lead into the network around', () => {
  it('are many', () => {
    expect(new Set(urls).size).toBeGreaterThanOrEqual(250)
  })

  it('are refused without a connection, however they are written', async () => {
    const before = connections
    for (const url of urls) {
      const said = await fault(url.replaceAll('PORT', String(port)), open)
      expect([url, ['address', 'url', 'scheme'].includes(said) ? 'refused' : said]).toEqual([url, 'refused'])
    }
    expect(connections).toBe(before)
  })

  it('are refused when a redirect leads there', async () => {
    const once = { ...open, allowed: (address: string) => address === '127.0.0.1' || isPublicAddress(address) }
    for (const to of [
      'http://10.0.0.1/',
      'http://[::1]/',
      'file:///etc/passwd',
      'http://rebind.example/',
      '//169.254.169.254/',
    ]) {
      const said = await fault(`http://127.0.0.1:${port}/to?${encodeURIComponent(to)}`, once)
      expect([to, ['address', 'scheme', 'url'].includes(said)]).toEqual([to, true])
    }
  })

  it('are refused when a name changes its mind: it is asked once, and that address is connected to', async () => {
    let asked = 0
    const before = connections
    const rebinding = async () => {
      asked++
      return [{ address: asked === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }]
    }
    // The first answer passes; a second look would lead to the canary.
    const options = { ...open, resolve: rebinding, allowed: (a: string) => a === '127.0.0.2', timeout: 300 }
    expect(await fault(`http://rebinding.example:${port}/picture`, options)).toBe('network')
    expect(asked).toBe(1)
    expect(connections).toBe(before)
  })
})

describe('a remote picture', () => {
  const local: RemoteImageOptions = {
    ...open,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    allowed: address => address === '127.0.0.1',
  }
  const at = (path: string) => `http://pictures.example:${port}${path}`

  it('is fetched from where its name leads, over redirects', async () => {
    expect(Buffer.from(await fetchRemoteImage(at('/picture'), local)).toString()).toBe('pixels')
    const over = at(`/to?${encodeURIComponent('/picture')}`)
    expect(Buffer.from(await fetchRemoteImage(over, local)).toString()).toBe('pixels')
  })

  it('may be so large, so late, and so far away', async () => {
    expect(await fault(at('/large'), { ...local, maxBytes: 4999 })).toBe('size')
    expect((await fetchRemoteImage(at('/large'), { ...local, maxBytes: 5000 })).length).toBe(5000)
    expect(await fault(at('/slow'), { ...local, timeout: 200 })).toBe('network')
    expect(await fault(at('/none'), local)).toBe('status')
    const round = (n: number): string => (n === 0 ? '/picture' : `/to?${encodeURIComponent(round(n - 1))}`)
    expect(await fault(at(round(3)), local)).toBe('fetched')
    expect(await fault(at(round(4)), local)).toBe('redirects')
  })

  it('is not waited for longer than that where its name server says nothing', async () => {
    const silent = () => new Promise<never>(() => {})
    expect(await fault(at('/picture'), { ...local, resolve: silent, timeout: 100 })).toBe('network')
    const stop = new AbortController()
    const left = expect(fetchRemoteImage(at('/picture'), { ...local, resolve: silent }, stop.signal))
    const told = left.rejects.toThrow('left')
    stop.abort(new Error('left'))
    await told
  })

  it('is https on its own port, unless more is allowed', async () => {
    expect(await fault('http://good.example/', { resolve })).toBe('scheme')
    expect(await fault('https://good.example:8443/', { resolve })).toBe('port')
    expect(await fault('https://localhost/', { resolve })).toBe('address')
  })

  it('is left when the client leaves', async () => {
    const stop = new AbortController()
    const reason = new Error('left')
    setTimeout(() => stop.abort(reason), 50)
    await expect(fetchRemoteImage(at('/slow'), local, stop.signal)).rejects.toBe(reason)
  })
})
