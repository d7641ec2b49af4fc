// Asks about a picture, and follows up: node dist/ask.js [picture]
import { fileURLToPath } from 'node:url'
import { loadImage, VisCPMChat } from '@viscpm/chat/node'

const demo = fileURLToPath(import.meta.resolve('@viscpm/tiny/pictures/apple.png'))
const picture = await loadImage(process.argv[2] ?? demo)

const chat = await VisCPMChat.load('tiny')
const talk = chat.conversation(picture)

for (const question of ['这是什么？', '它是什么颜色？']) {
  const { text, usage } = await talk.ask(question)
  console.log(`${question} ${text} (${usage.promptTokens} + ${usage.completionTokens} tokens)`)
}
await chat.dispose()
