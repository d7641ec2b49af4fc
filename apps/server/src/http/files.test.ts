import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { json, picture, server } from '../fixtures/server.js'
import type { RunningServer } from '../index.js'

const keys = { ann: 'ann-0123456789abcdef', bob: 'bob-0123456789abcdef' }
let [folder, running]: [string, RunningServer | undefined] = ['', undefined]
const client = (key: string): OpenAI => new OpenAI({ apiKey: key, baseURL: `${running!.url}/v1`, maxRetries: 0 })
let [ann, bob]: OpenAI[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'viscpm-keys-'))
  const apiKeyFile = join(folder, 'keys')
  await writeFile(apiKeyFile, `ann ${keys.ann}\nbob ${keys.bob}\n`)
  running = await server({ apiKeyFile, files: { maxFilesPerOwner: 4, maxBytesPerOwner: 45 * 2 ** 20 } })
  ;[ann, bob] = [client(keys.ann), client(keys.bob)]
  await running.ready
}, 120_000)
afterAll(async () => {
  await running?.close()
  await rm(folder, { recursive: true })
})

const upload = async (name: string, by: OpenAI = ann!) =>
  by.files.create({ file: await toFile(await picture(name), `${name}.png`), purpose: 'vision' })

/** A form as no client of OpenAI sends it. */
async function send(fields: Record<string, string | Blob>): Promise<[number, string, string | null | undefined]> {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.set(name, value)
  const headers = { authorization: `Bearer ${keys.bob}` }
  const answer = await fetch(`${running!.url}/v1/files`, { method: 'POST', headers, body })
  const { error } = (await answer.json()) as { error?: { code: string; param: string | null } }
  return [answer.status, error?.code ?? '', error?.param]
}

describe('pictures that the openai client uploads', () => {
  it('are listed, read and deleted by who sent them', async () => {
    const files = ann!.files
    const sent = await upload('apple')
    expect(sent).toMatchObject({ object: 'file', filename: 'apple.png', purpose: 'vision', status: 'processed' })
    expect(sent.bytes).toBe((await picture('apple')).length)
    expect(sent.expires_at! - sent.created_at).toBe(3600)
    const expires_after = { anchor: 'created_at', seconds: 60 } as const
    const file = await toFile(await picture('dog'), '狗\u0000\u202e.png')
    const short = await files.create({ file, purpose: 'vision', expires_after })
    expect(short.expires_at! - short.created_at).toBe(60)
    expect(short.filename).toMatch(/^狗[^\p{Cc}\p{Cf}]*\.png$/u)

    const ids: string[] = []
    for await (const one of files.list({ limit: 1 })) ids.push(one.id)
    expect(ids).toEqual([short.id, sent.id])
    expect((await files.list({ order: 'asc' })).data.map(({ id }) => id)).toEqual([sent.id, short.id])
    await expect(files.list({ after: 'file-0' })).rejects.toMatchObject({ status: 400, param: 'after' })
    expect(await files.retrieve(sent.id)).toEqual(sent)
    const content = await files.content(sent.id)
    expect(content.headers.get('content-type')).toBe('image/png')
    expect(Buffer.from(await content.arrayBuffer()).equals(await picture('apple'))).toBe(true)

    expect(await files.delete(short.id)).toEqual({ id: short.id, object: 'file', deleted: true })
    await expect(files.retrieve(short.id)).rejects.toMatchObject({ status: 404, code: 'file_not_found' })
    await files.delete(sent.id)
  })

  it('are what a talk is about, in each way to name them', async () => {
    const { id } = await upload('apple')
    const text = { type: 'text', text: 'What is this?' } as const
    for (const part of [
      { type: 'image_url', image_url: { url: id } },
      { type: 'image_file', image_file: { file_id: id, detail: 'auto' } },
      { type: 'input_image', file_id: id, detail: 'auto' },
      { type: 'file', file: { file_id: id } },
    ]) {
      const messages = [{ role: 'user', content: [text, part] }] as OpenAI.ChatCompletionMessageParam[]
      const answer = await ann!.chat.completions.create({ model: 'tiny', messages, temperature: 0 })
      expect([part.type, answer.choices[0]!.message.content]).toEqual([part.type, expect.stringMatching(/apple/i)])
      await expect(bob!.chat.completions.create({ model: 'tiny', messages })).rejects.toMatchObject({
        ...{ status: 404, code: 'file_not_found', param: 'messages' },
      })
    }
    for (const wrong of [
      { type: 'input_image', file_id: id, image_url: id },
      { type: 'input_image' },
      { type: 'file', file: { file_id: '../../etc/passwd' } },
    ]) {
      const messages = [{ role: 'user', content: [text, wrong] }] as OpenAI.ChatCompletionMessageParam[]
      await expect(ann!.chat.completions.create({ model: 'tiny', messages })).rejects.toMatchObject({ status: 400 })
    }
    await ann!.files.delete(id)
  })

  it('are painted from, judged, and used by jobs', async () => {
    const { id } = await upload('house')
    const settings = { steps: 2, candidates: 1, seed: 1, strength: 0.5 }
    const edit = { image: id, prompt: 'a cat', ...settings } as unknown as OpenAI.ImageEditParamsNonStreaming
    expect((await ann!.images.edit(edit)).data![0]).toMatchObject({ viscpm: { metadata: { strength: 0.5 } } })
    await expect(bob!.images.edit(edit)).rejects.toMatchObject({ status: 404, param: 'image' })
    await expect(ann!.images.edit({ ...edit, image: 'house.png' } as never)).rejects.toMatchObject({ status: 400 })
    const input = [{ type: 'image_url', image_url: { url: id } } as const]
    expect((await ann!.moderations.create({ input })).results[0]!.flagged).toBe(false)
    const job = json({ kind: 'paint', prompt: 'a cat', image: id, ...settings })
    const submit = (key: string) =>
      fetch(`${running!.url}/v1/jobs`, { ...job, headers: { ...job.headers, authorization: `Bearer ${key}` } })
    expect([(await submit(keys.ann)).status, (await submit(keys.bob)).status]).toEqual([202, 404])
    await ann!.files.delete(id)
  })

  it('belong to their key: nobody else reads or deletes them', async () => {
    const { id } = await upload('apple')
    for (const asked of [() => bob!.files.retrieve(id), () => bob!.files.content(id), () => bob!.files.delete(id)])
      await expect(asked()).rejects.toMatchObject({ status: 404, code: 'file_not_found' })
    expect((await bob!.files.list()).data).toEqual([])
    expect((await ann!.files.retrieve(id)).id).toBe(id)
    await ann!.files.delete(id)
  })

  it('are pictures for the model to see, and no larger than it takes', async () => {
    const [png, jpeg] = [Buffer.from(await picture('apple')), new Blob(['no picture'], { type: 'image/jpeg' })]
    const good = new Blob([png])
    expect(await send({ file: jpeg, purpose: 'vision' })).toEqual([400, 'invalid_image', 'file'])
    expect(await send({ file: 'text', purpose: 'vision' })).toEqual([400, 'invalid_image', 'file'])
    expect(await send({ purpose: 'vision' })).toEqual([400, 'invalid_request', 'file'])
    expect(await send({ file: good })).toEqual([400, 'invalid_request', 'purpose'])
    expect(await send({ file: good, purpose: 'batch' })).toEqual([400, 'invalid_request', 'purpose'])
    const late = { 'expires_after[seconds]': '3601' }
    expect(await send({ file: good, purpose: 'vision', ...late })).toEqual([
      400,
      'invalid_request',
      'expires_after[seconds]',
    ])
    expect(await send({ file: good, purpose: 'vision', x: 'y' })).toEqual([400, 'unsupported_parameter', 'x'])
    const large = new Blob([png, Buffer.alloc(20 * 2 ** 20)])
    expect(await send({ file: large, purpose: 'vision' })).toEqual([413, 'image_too_large', 'file'])
    png.writeUInt32BE(10_000, 16)
    png.writeUInt32BE(5_001, 20)
    expect(await send({ file: new Blob([png]), purpose: 'vision' })).toEqual([400, 'image_too_large', 'file'])
    expect((await bob!.files.list()).data).toEqual([])
  })

  it('are bounded in number and bytes for each key, which says when there is room', async () => {
    for (let i = 0; i < 4; i++) await upload('apple')
    const error = await upload('apple').catch(error => error)
    expect(error).toMatchObject({ status: 429, code: 'too_many_files' })
    expect(Number(error.headers.get('retry-after'))).toBeGreaterThan(3500)
    expect((await upload('apple', bob)).object).toBe('file')
    // Of 45 MB there is no room for a third of 19.
    const big = new Blob([Buffer.from(await picture('apple')), Buffer.alloc(19 * 2 ** 20)])
    expect((await send({ file: big, purpose: 'vision' }))[0]).toBe(200)
    expect((await send({ file: big, purpose: 'vision' }))[0]).toBe(200)
    expect(await send({ file: big, purpose: 'vision' })).toEqual([429, 'too_many_files', null])
  })
})
