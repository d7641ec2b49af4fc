import { createOpenAICompatible, type OpenAICompatibleProvider } from '@ai-sdk/openai-compatible'
import { generateImage, generateText, type ModelMessage, streamText } from 'ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { picture, server } from '../fixtures/server.js'
import type { RunningServer } from '../index.js'

let running: RunningServer
let viscpm: OpenAICompatibleProvider

beforeAll(async () => {
  // Without safety the answer is not held back for checking: it comes token by token.
  running = await server({ safety: { preset: 'off' } })
  viscpm = createOpenAICompatible({ name: 'viscpm', baseURL: `${running.url}/v1`, includeUsage: true })
  await running.ready
}, 120_000)
afterAll(async () => {
  await running.close()
})

const about = async (name: string, text: string): Promise<ModelMessage[]> => [
  {
    role: 'user',
    content: [
      { type: 'text', text },
      { type: 'image', image: await picture(name), mediaType: 'image/png' },
    ],
  },
]

describe('the AI SDK', () => {
  it('asks about a picture', async () => {
    const messages = await about('guitar', 'What is this?')
    const { text, usage, finishReason } = await generateText({ model: viscpm('tiny'), messages, temperature: 0 })
    expect(text).toMatch(/guitar/i)
    expect(finishReason).toBe('stop')
    expect(usage.inputTokens).toBeGreaterThan(usage.outputTokens!)
  })

  it('streams an answer', async () => {
    const messages = await about('three-things', '图中有什么？')
    const whole = await generateText({ model: viscpm('tiny'), messages, temperature: 0 })
    const stream = streamText({ model: viscpm('tiny'), messages, temperature: 0 })
    const parts: string[] = []
    for await (const part of stream.textStream) parts.push(part)
    expect(parts.join('')).toBe(whole.text)
    expect(parts.length).toBeGreaterThan(1)
    expect((await stream.usage).outputTokens).toBe(whole.usage.outputTokens)
  })

  it('paints', async () => {
    const { images } = await generateImage({
      model: viscpm.imageModel('tiny'),
      prompt: 'two balloons',
      n: 2,
      providerOptions: { viscpm: { steps: 2, candidates: 1, seed: 4 } },
    })
    expect(images.map(({ mediaType }) => mediaType)).toEqual(['image/png', 'image/png'])
  })

  it('is told of errors', async () => {
    const messages: ModelMessage[] = [{ role: 'user', content: 'no picture' }]
    await expect(generateText({ model: viscpm('tiny'), messages, maxRetries: 0 })).rejects.toMatchObject({
      statusCode: 400,
      message: expect.stringContaining('picture'),
    })
  })
})
