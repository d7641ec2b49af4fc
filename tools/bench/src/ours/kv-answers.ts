import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findModel, loadImage, VisCPMChat } from '@viscpm/chat/node'
import type { KeyValueDType } from '@viscpm/cpm-bee'

/** Questions about pictures that the embedded model was not trained with. */
interface Recorded {
  readonly items: readonly {
    readonly picture: string
    readonly questions: readonly { readonly context: string; readonly question: string }[]
  }[]
}

/** What the embedded model answers to its test questions, greedily and with beams, keys and values kept as `kvCache`. */
export async function answersWith(kvCache: KeyValueDType, threads: number): Promise<string[]> {
  const chat = await VisCPMChat.load('tiny', { threads, kvCache })
  const folder = join(dirname((await findModel('tiny')).weights), 'eval')
  const { items } = JSON.parse(await readFile(join(folder, 'set.json'), 'utf8')) as Recorded
  const answers: string[] = []
  for (const { picture, questions } of items) {
    const image = await loadImage(join(folder, picture))
    for (const { context, question } of questions) {
      if (context !== '') continue // a talk's later questions
      for (const decoding of ['greedy', 'beam'] as const)
        answers.push((await chat.ask(image, question, { decoding, maxNewTokens: 64 })).text)
    }
  }
  await chat.dispose()
  return answers
}
