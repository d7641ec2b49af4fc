// A ranker of one's own, which looks for the colour that the prompt names: node dist/own-ranker.js
import type { Image } from '@viscpm/core'
import { VisCPMPaint } from '@viscpm/paint/node'
import { type Reranker, rank } from '@viscpm/reranker'

const channels = new Map([
  ...(['red', '红'].map(word => [word, 0]) as [string, number][]),
  ...(['green', '绿'].map(word => [word, 1]) as [string, number][]),
  ...(['blue', '蓝'].map(word => [word, 2]) as [string, number][]),
])

/** How much one channel of RGB is above the other two, on average, from -1 to 1. */
function share({ data }: Image, channel: number): number {
  let sum = 0
  for (let i = 0; i < data.length; i += 3) {
    const others = data[i]! + data[i + 1]! + data[i + 2]! - data[i + channel]!
    sum += data[i + channel]! - others / 2
  }
  return sum / (data.length / 3) / 255
}

const byColour: Reranker = {
  name: 'by-colour',
  languages: ['zh', 'en'],
  async score(prompt, images) {
    const channel = [...channels].find(([word]) => prompt.includes(word))?.[1]
    return images.map(image => (channel === undefined ? 0 : share(image, channel)))
  },
  async best(prompt, images, options) {
    return rank(await this.score(prompt, images, options)) // the highest, of equal ones the first
  },
}

const paint = await VisCPMPaint.load('tiny', { reranker: byColour })
const { candidates, chosen, ranking } = await paint.generate({ prompt: '一辆蓝色的汽车', steps: 15, seed: 5 })
console.log(candidates.map(({ score }) => score?.toFixed(3)))
console.log(`${ranking.by} chose number ${chosen[0]! + 1}`)
await paint.dispose()
