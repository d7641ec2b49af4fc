/** A picture as OpenAI's clients send it. */
export function dataUrl(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`
}

export interface ChatAsk {
  readonly picture: string
  readonly question: string
  readonly maxTokens: number
}

export function chatBody(
  { picture, question, maxTokens }: ChatAsk,
  options: { readonly stream?: boolean } = {},
): Record<string, unknown> {
  return {
    model: 'tiny',
    messages: [
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: picture } },
          { type: 'text', text: question },
        ],
      },
    ],
    decoding: 'greedy',
    max_tokens: maxTokens,
    ...options,
  }
}

export interface PaintAsk {
  readonly prompt: string
  readonly seed: number
  readonly steps: number
}

export function paintBody({ prompt, seed, steps }: PaintAsk): Record<string, unknown> {
  return { model: 'tiny', prompt, seed, steps, candidates: 1, n: 1, response_format: 'b64_json' }
}

/** How a server answered. */
export interface Reply {
  readonly status: number
  readonly text: string
}

export async function post(base: string, path: string, body: unknown, signal?: AbortSignal): Promise<Reply> {
  const response = await fetch(base + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  })
  return { status: response.status, text: await response.text() }
}

/** The text of a whole answer, or of one that came in pieces. @throws Error when it is neither */
export function answerText({ status, text }: Reply): string {
  if (status !== 200) throw new Error(`status ${status}: ${text.slice(0, 200)}`)
  if (text.startsWith('{')) return JSON.parse(text).choices[0].message.content
  // A slow stream begins with comments, which keep the connection alive.
  const events = text.split('\n').filter(line => line.startsWith('data: '))
  if (events.pop() !== 'data: [DONE]') throw new Error('a stream that does not end with [DONE]')
  return events.map(event => JSON.parse(event.slice(6)).choices[0]?.delta?.content ?? '').join('')
}

/** The painted file, in base64. @throws Error */
export function paintedFile({ status, text }: Reply): string {
  if (status !== 200) throw new Error(`status ${status}: ${text.slice(0, 200)}`)
  return JSON.parse(text).data[0].b64_json
}
