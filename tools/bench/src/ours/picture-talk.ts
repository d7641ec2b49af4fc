import { VisCPMChat } from '@viscpm/chat/node'
import type { Image } from '@viscpm/core'
import type { Reply, Request } from '../protocol.js'

/** A disc on a plain ground. */
export function drawnPicture(side: number): Image {
  const data = new Uint8Array(side * side * 3).fill(230)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      if ((x - side / 2) ** 2 + (y - side / 2) ** 2 < (side / 3) ** 2) data.set([220, 40, 30], (y * side + x) * 3)
  return { width: side, height: side, data }
}

/** What takes the least memory; `viscpm --memory` picks it where the defaults do not fit. */
const smallest = { kvCache: 'int8', releaseVision: true } as const

/**
 * A whole chat about a picture: its first sight, a question of `questionTokens` about it up to the first token, and the same
 * question with an answer until prompt and answer are `tokens` long.
 */
export async function pictureTalk({
  folder,
  threads,
  beams,
  questionTokens,
  tokens,
  small,
}: Request<'pictureTalk'>): Promise<Reply<'pictureTalk'>> {
  const chat = await VisCPMChat.load(folder, { threads, ...(small && smallest) })
  try {
    const talk = chat.conversation(drawnPicture(448))
    // Characters of the main block of Chinese are one token each, in the published vocabulary and in a made-up one.
    const question = '画'.repeat(questionTokens)
    const ask = (maxNewTokens: number) => {
      talk.reset()
      return talk.ask(question, { decoding: 'beam', beamSize: beams, maxNewTokens })
    }
    const seen = await ask(1)
    const { timings, usage } = await ask(1)
    const long = tokens === undefined ? undefined : await ask(tokens - usage.promptTokens)
    return {
      visionMs: seen.timings.vision,
      firstTokenMs: timings.total,
      promptTokens: usage.promptTokens,
      imageTokens: usage.imageTokens,
      ...(long && { answerTokens: long.usage.completionTokens, decodeMs: long.timings.decode }),
    }
  } finally {
    await chat.dispose()
  }
}
