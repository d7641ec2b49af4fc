// Answers in a worker thread, while this one stays free: node dist/worker.js [picture]
import { fileURLToPath } from 'node:url'
import { hostChat, loadImage } from '@viscpm/chat/node'

const demo = fileURLToPath(import.meta.resolve('@viscpm/tiny/pictures/apple.png'))
const picture = await loadImage(process.argv[2] ?? demo)
const chat = await hostChat('tiny', { kind: 'worker' }) // or 'process', which can crash without taking this one along

let longest = 0
let last = performance.now()
const heartbeat = setInterval(() => {
  longest = Math.max(longest, performance.now() - last)
  last = performance.now()
}, 1)

// Conversations do not mix; the model answers one question after the other.
const questions = ['What is it?', '这是什么？', 'What colour is it?']
const answers = await Promise.all(questions.map(question => chat.conversation(picture).ask(question)))

clearInterval(heartbeat)
for (const [i, { text }] of answers.entries()) console.log(`${questions[i]} ${text}`)
console.log(`this thread was never busy for longer than ${longest.toFixed(0)} ms`)
await chat.dispose()
