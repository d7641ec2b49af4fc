// Shows an answer while it grows, and gives up after two seconds: node dist/stream.js [picture]
import { fileURLToPath } from 'node:url'
import { loadImage, VisCPMChat } from '@viscpm/chat/node'

const demo = fileURLToPath(import.meta.resolve('@viscpm/tiny/pictures/apple.png'))
const chat = await VisCPMChat.load('tiny')
const talk = chat.conversation(await loadImage(process.argv[2] ?? demo))

const options = { decoding: 'sample', temperature: 0.8, topP: 0.9, seed: 1 } as const
try {
  for await (const part of talk.stream('Describe the picture.', { ...options, signal: AbortSignal.timeout(2000) })) {
    if (part.type === 'text-delta') process.stdout.write(part.text)
    if (part.type === 'text-end') console.log(`\n${Math.round(part.answer.timings.total)} ms`)
  }
} catch (error) {
  if (!(error instanceof DOMException)) throw error
  console.log(`\nstopped: ${error.message}`) // the conversation is as it was before the question
}
await chat.dispose()
