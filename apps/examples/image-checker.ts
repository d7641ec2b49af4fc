// A picture checker of one's own, which really blocks: node dist/image-checker.js [picture]
import { fileURLToPath } from 'node:url'
import { loadImage, VisCPMChat } from '@viscpm/chat/node'
import { type ImageChecker, isVisCPMError } from '@viscpm/core'

/** Stands for a real classifier: blocks what is mostly dark. */
const noDarkPictures: ImageChecker = {
  name: 'no-dark-pictures',
  async check({ data }) {
    const score = 1 - data.reduce((sum, value) => sum + value, 0) / data.length / 255
    const threshold = 0.8
    const decision = score > threshold ? 'block' : 'allow'
    return { decision, category: 'dark', score, threshold, checker: this.name }
  },
}

const demo = fileURLToPath(import.meta.resolve('@viscpm/tiny/pictures/apple.png'))
const chat = await VisCPMChat.load('tiny', { imageChecker: noDarkPictures })
const night = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 3) }

for (const picture of [await loadImage(process.argv[2] ?? demo), night])
  try {
    const { text, safety } = await chat.conversation(picture).ask('What is it?')
    console.log(text, safety.image)
  } catch (error) {
    if (!isVisCPMError(error, 'BLOCKED')) throw error
    console.log(error.message) // the model saw nothing of it
  }
await chat.dispose()
