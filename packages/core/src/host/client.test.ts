import { afterEach, expect, test } from 'vitest'
import { isVisCPMError } from '../errors.js'
import { HostClient } from './client.js'
import { Hosted } from './fixtures/hosted.js'
import type { FromHost, HostTransport, ToHost } from './messages.js'
import { serveHost } from './serve.js'
import type { Host, HostContext } from './types.js'

const open: MessagePort[] = []
afterEach(() => {
  for (const port of open.splice(0)) port.close()
})

/** Both sides in this thread, joined by a plain MessageChannel: what a web worker would use. */
function connect(): HostClient {
  const { port1, port2 } = new MessageChannel()
  open.push(port1, port2)
  let gone: (why: { reason: string }) => void = () => {}
  const transport: HostTransport = {
    exited: new Promise(resolve => {
      gone = resolve
    }),
    send: (message, transfer) => port1.postMessage(message, [...transfer]),
    receive: listener => {
      port1.onmessage = ({ data }: { data: FromHost }) => listener(data)
    },
    setBusy() {},
  }
  serveHost(
    {
      send: (message, transfer) => port2.postMessage(message, [...transfer]),
      receive: listener => {
        port2.onmessage = ({ data }: { data: ToHost }) => listener(data)
      },
    },
    {
      importModule: async () => ({ create: (name: string, { logger }: HostContext) => new Hosted(name, logger) }),
      exit: () => gone({ reason: 'ended by itself' }),
    },
  )
  return new HostClient(transport, { export: 'create', args: ['channel'] })
}

test('the protocol needs nothing of Node: calls, streams and disposing over a MessageChannel', async () => {
  const client = connect()
  await client.load('any:module')
  const host = client as Host<object> as Host<Hosted>
  expect(await host.call('increment', [3])).toBe('channel 3')
  const items: number[] = []
  for await (const i of host.stream('numbers', [10, 0], { ahead: 1 })) {
    items.push(i)
    if (i === 4) break
  }
  expect(items).toEqual([0, 1, 2, 3, 4])
  expect((await host.call('counters', [])).cleaned).toBe(1)
  const waiting = host.call('waits', []).catch((e: unknown) => e)
  await host.dispose()
  expect(isVisCPMError(await waiting, 'DISPOSED')).toBe(true)
})

test('a host that ends by itself is a crash', async () => {
  const client = connect()
  await client.load('any:module')
  const host = client as Host<object> as Host<Hosted>
  const waiting = host.call('waits', []).catch((e: unknown) => e)
  open[1]!.postMessage({ kind: 'result', id: 999, value: 'for nobody' }) // answers without a question are dropped
  open[0]!.postMessage({
    kind: 'abort',
    id: 2,
    reason: { name: 'E', message: '', family: 'value', fields: { value: 'stop' } },
  })
  expect(await waiting).toBe('stop')
  open[0]!.postMessage({ kind: 'dispose' }) // not asked for by this client
  const error = await host
    .call('ignoresAbort', [])
    .then(
      () => host.call('letters', []),
      (e: unknown) => e,
    )
    .catch((e: unknown) => e)
  expect(isVisCPMError(error, 'HOST_CRASHED'), String(error)).toBe(true)
})
