import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dataOf, eventsOf } from './events.js'

/** An answer whose bytes come in the given pieces. */
function answerOf(pieces: readonly Uint8Array[]): Response {
  return new Response(
    new ReadableStream({
      start(controller) {
        for (const piece of pieces) controller.enqueue(piece)
        controller.close()
      },
    }),
  )
}

async function read(response: Response, signal?: AbortSignal): Promise<{ event: string | undefined; data: string }[]> {
  const events = []
  for await (const { event, data } of eventsOf(response, signal)) events.push({ event, data })
  return events
}

describe('eventsOf', () => {
  const text =
    ': ping\n\ndata: {"a":"一只猫 🐈"}\n\nevent: preview\r\ndata: one\r\ndata: two\r\n\r\nid: 3\ndata: [DONE]\n\n'
  const bytes = new TextEncoder().encode(text)
  const expected = [
    { event: undefined, data: '{"a":"一只猫 🐈"}' },
    { event: 'preview', data: 'one\ntwo' },
    { event: undefined, data: '[DONE]' },
  ]

  it('gives the same events however the bytes are cut', async () => {
    const cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(cuts, async places => {
        const at = [0, ...places.sort((a, b) => a - b), bytes.length]
        const pieces = at.slice(1).map((end, i) => bytes.slice(at[i], end))
        expect(await read(answerOf(pieces))).toEqual(expected)
      }),
    )
  })

  it('drops an event that was not finished', async () => {
    expect(await read(answerOf([new TextEncoder().encode('data: 1\n\ndata: 2')]))).toEqual([
      { event: undefined, data: '1' },
    ])
  })

  it('says that the connection broke', async () => {
    const body = new ReadableStream({ pull: controller => controller.error(new TypeError('terminated')) })
    await expect(read(new Response(body))).rejects.toMatchObject({ code: 'broken' })
  })

  it("throws the signal's reason after an abort", async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const body = new ReadableStream({
      pull: stream => {
        controller.abort(reason)
        stream.error(new DOMException('aborted', 'AbortError'))
      },
    })
    await expect(read(new Response(body), controller.signal)).rejects.toBe(reason)
  })

  it('refuses data that is not JSON', () => {
    expect(() => dataOf({ id: undefined, event: undefined, data: '{' })).toThrow(
      expect.objectContaining({ code: 'broken' }),
    )
  })
})
