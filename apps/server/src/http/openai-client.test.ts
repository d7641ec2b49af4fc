import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataUrl, picture, server } from '../fixtures/server.js'
import type { RunningServer } from '../index.js'

let running: RunningServer
let client: OpenAI

beforeAll(async () => {
  running = await server()
  client = new OpenAI({ apiKey: 'none', baseURL: `${running.url}/v1`, maxRetries: 0 })
  await running.ready
}, 120_000)
afterAll(async () => {
  await running.close()
})

const about = async (name: string, text: string): Promise<OpenAI.ChatCompletionUserMessageParam> => ({
  role: 'user',
  content: [
    { type: 'text', text },
    { type: 'image_url', image_url: { url: await dataUrl(name) } },
  ],
})

const isPng = (base64: string | undefined): boolean =>
  Buffer.from(base64 ?? '', 'base64')
    .subarray(0, 4)
    .toString('latin1') === '\x89PNG'

describe('the openai client', () => {
  it('asks about a picture', async () => {
    const answer = await client.chat.completions.create({
      model: 'tiny',
      messages: [await about('apple', 'What is this?')],
      temperature: 0,
    })
    expect(answer.object).toBe('chat.completion')
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { role: 'assistant' } })
    expect(answer.choices[0]!.message.content).toMatch(/apple/i)
    const { prompt_tokens, completion_tokens, total_tokens } = answer.usage!
    expect(prompt_tokens).toBeGreaterThan(completion_tokens)
    expect(total_tokens).toBe(prompt_tokens + completion_tokens)
    expect(answer).toHaveProperty('viscpm.safety.policy', 'strict')
    expect(answer).toHaveProperty('viscpm.timings.total', expect.any(Number))
  })

  it('goes on with a talk in Chinese, whose picture came first', async () => {
    const [first, second] = [await about('dog', '图中有什么？'), { role: 'user', content: '它是什么颜色的？' } as const]
    const one = await client.chat.completions.create({ model: 'tiny', messages: [first], temperature: 0 })
    const said = one.choices[0]!.message.content!
    const messages = [first, { role: 'assistant', content: said } as const, second]
    const two = await client.chat.completions.create({ model: 'tiny', messages, temperature: 0 })
    expect(two.choices[0]!.message.content).toMatch(/\p{Script=Han}/u)
    expect(two.usage!.prompt_tokens).toBeGreaterThan(one.usage!.prompt_tokens)
  })

  it('streams the same answer as it grows, and what it took', async () => {
    const messages = [await about('house', 'What is this?')]
    const whole = await client.chat.completions.create({ model: 'tiny', messages, temperature: 0 })
    const stream = await client.chat.completions.create({
      model: 'tiny',
      messages,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    })
    const [chunks, texts] = [[] as OpenAI.ChatCompletionChunk[], [] as string[]]
    for await (const chunk of stream) {
      chunks.push(chunk)
      const text = chunk.choices[0]?.delta.content
      if (text) texts.push(text)
    }
    expect(texts.join('')).toBe(whole.choices[0]!.message.content)
    expect(texts.length).toBeGreaterThan(0)
    expect(chunks[0]!.choices[0]!.delta.role).toBe('assistant')
    expect(chunks.at(-2)!.choices[0]!.finish_reason).toBe('stop')
    expect(chunks.at(-2)).toHaveProperty('viscpm.safety')
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: whole.usage })
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true)
  })

  it('ends at max_tokens, and samples the same with the same seed', async () => {
    const messages = [await about('three-things', 'What is this?')]
    const short = await client.chat.completions.create({ model: 'tiny', messages, temperature: 0, max_tokens: 2 })
    expect(short.choices[0]!.finish_reason).toBe('length')
    const sample = { model: 'tiny', messages, temperature: 0.9, top_p: 0.95, seed: 11 }
    const [one, two] = [await client.chat.completions.create(sample), await client.chat.completions.create(sample)]
    expect(two.choices[0]!.message.content).toBe(one.choices[0]!.message.content)
  })

  it('may write null for what it leaves open', async () => {
    const open = { max_tokens: null, n: null, stop: null, logit_bias: null, seed: null, stream_options: null }
    const messages = [await about('apple', 'What is this?')]
    const answer = await client.chat.completions.create({ model: 'tiny', messages, temperature: 0, ...open })
    expect(answer.choices[0]!.message.content).toMatch(/apple/i)
    const { paths, components } = (await (await fetch(`${running.url}/openapi.json`)).json()) as never as {
      paths: Record<string, { post: { requestBody: { content: Record<string, { schema: object }> } } }>
      components: { schemas: Record<string, { required: string[]; additionalProperties: boolean }> }
    }
    expect(paths['/v1/chat/completions']!.post.requestBody.content['application/json']!.schema).toEqual({
      $ref: '#/components/schemas/ChatCompletionRequest',
    })
    expect(components.schemas.ChatCompletionRequest).toMatchObject({
      required: ['messages'],
      additionalProperties: false,
    })
  })

  it('is told what is wrong', async () => {
    const messages = [await about('apple', 'What is this?')]
    const wrong: [Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>, object][] = [
      [{ messages: [{ role: 'user', content: 'hello?' }] }, { status: 400, code: 'image_required', param: 'messages' }],
      [{ messages: [{ role: 'system', content: 'be kind' }, ...messages] }, { status: 400, param: 'messages[0].role' }],
      [{ model: '../../etc/passwd' }, { status: 404, code: 'model_not_found' }],
      [{ n: 2 }, { status: 400, param: 'n' }],
      [{ stop: ['x'] }, { status: 400, param: 'stop' }],
      [{ logit_bias: { 1: 2 } }, { status: 400, code: 'unsupported_parameter', param: 'logit_bias' }],
      [
        { messages: [await about('apple', 'how do I build a bomb')] },
        { status: 400, code: 'content_filter', param: 'messages' },
      ],
    ]
    for (const [over, error] of wrong)
      await expect(
        client.chat.completions.create({ model: 'tiny', messages, temperature: 0, ...over }),
      ).rejects.toMatchObject(error)
    // As a status, or, where the checker takes more than a second, as the last event.
    const streamed = async () => {
      const body = { model: 'tiny', messages: wrong[6]![0].messages!, stream: true } as const
      for await (const _ of await client.chat.completions.create(body)) throw new Error('it answers')
    }
    await expect(streamed()).rejects.toMatchObject({ code: 'content_filter', param: 'messages' })
  })

  it('paints, the same with the same seed', async () => {
    const body = {
      prompt: 'a red apple',
      n: 2,
      seed: 5,
      steps: 2,
      candidates: 2,
    } as OpenAI.ImageGenerateParamsNonStreaming
    const [one, two] = [await client.images.generate(body), await client.images.generate(body)]
    expect(one.data!.map(({ b64_json }) => isPng(b64_json))).toEqual([true, true])
    expect(one.data![0]!.b64_json).not.toBe(one.data![1]!.b64_json)
    expect(two.data!.map(d => d.b64_json)).toEqual(one.data!.map(d => d.b64_json))
    expect(one.data![0]).toMatchObject({
      viscpm: { chosen: true, seed: '5', metadata: { steps: 2, prompt: 'a red apple' } },
    })
    const all = await client.images.generate({ ...body, include_candidates: true } as typeof body)
    expect(all.data).toHaveLength(4)
    const scores = all.data!.map(d => (d as unknown as { viscpm: { score: number } }).viscpm.score)
    expect(scores.every(Number.isFinite)).toBe(true)
  })

  it('paints while it watches', async () => {
    const stream = await client.images.generate({
      prompt: '一只红色的猫',
      stream: true,
      partial_images: 2,
      ...{ steps: 12, candidates: 1, seed: 3 },
    })
    const events: OpenAI.ImageGenStreamEvent[] = []
    for await (const event of stream) events.push(event)
    expect(events.at(-1)!.type).toBe('image_generation.completed')
    expect(events.length).toBeGreaterThan(1)
    expect(events.length).toBeLessThanOrEqual(3)
    expect(events.every(({ b64_json }) => isPng(b64_json))).toBe(true)
    expect(events[0]).toMatchObject({ type: 'image_generation.partial_image', partial_image_index: 0 })
  })

  it('paints from a picture, and only where the mask says', async () => {
    const painted = await client.images.generate({ prompt: 'a house', ...{ steps: 2, candidates: 1, seed: 1 } })
    const png = Buffer.from(painted.data![0]!.b64_json!, 'base64')
    const extras = { steps: '4', candidates: '1', seed: '2', strength: '0.5' }
    const image = () => toFile(png, 'house.png', { type: 'image/png' })
    const edited = await client.images.edit({ image: await image(), prompt: 'a cat', ...extras })
    expect(isPng(edited.data![0]!.b64_json)).toBe(true)
    expect(edited.data![0]).toMatchObject({ viscpm: { metadata: { strength: 0.5, image: expect.any(String) } } })
    const masked = await client.images.edit({ image: await image(), mask: await image(), prompt: 'a cat', ...extras })
    expect(masked.data![0]).toMatchObject({ viscpm: { metadata: { mask: expect.any(String) } } })
    const dog = await toFile(await picture('dog'), 'dog.png')
    await expect(
      client.images.edit({ image: dog, mask: await image(), prompt: 'x', ...extras, steps: '0' } as never),
    ).rejects.toMatchObject({ status: 400, param: 'steps' })
  })

  it('is not given what safety does not allow', async () => {
    await expect(client.images.generate({ prompt: 'naked woman, porn' })).rejects.toMatchObject({
      status: 400,
      code: 'content_filter',
      param: 'prompt',
    })
  })

  it('asks the checkers', async () => {
    const { results } = await client.moderations.create({ input: ['a red apple', 'I will kill you, porn'] })
    expect(results.map(({ flagged }) => flagged)).toEqual([false, true])
    expect(Object.values(results[1]!.categories)).toContain(true)
    const pictures = await client.moderations.create({
      input: [
        { type: 'text', text: '苹果' },
        { type: 'image_url', image_url: { url: await dataUrl('apple') } },
      ],
    })
    expect(pictures.results.map(({ flagged }) => flagged)).toEqual([false, false])
    expect(pictures.results[1]).toMatchObject({ viscpm: { verdict: 'none' } })
  })

  it('sees the models', async () => {
    const models = (await client.models.list()).data
    expect(models.map(({ id }) => id)).toEqual(['tiny'])
    expect(models[0]).toMatchObject({ viscpm: [{ kind: 'chat' }, { kind: 'paint', size: expect.any(Number) }] })
    expect((await client.models.retrieve('tiny')).id).toBe('tiny')
    await expect(client.models.retrieve('other')).rejects.toMatchObject({ status: 404 })
  })
})
