import type { Messages } from '../../messages/index.js'
import type { SchedulerName } from '../../options/scheduler-names.js'

export interface DemoTurn {
  readonly question: string
  /** Cannot be answered without the turn before. */
  readonly followUp?: boolean
}

export interface DemoPicture {
  /** File name in the folder of the embedded model's pictures. */
  readonly file: string
  readonly turns: readonly DemoTurn[]
}

/** What the demo asks; the same whatever the interface's language. */
export const demoScript: readonly DemoPicture[] = [
  {
    file: 'apple.png',
    turns: [
      { question: '这是什么？' },
      { question: '它是什么颜色？', followUp: true },
      { question: 'What kind of thing is it?' },
    ],
  },
  {
    file: 'bus-and-tree.png',
    turns: [
      { question: 'What can you see?' },
      { question: 'Where is the tree?' },
      { question: 'And its colour?', followUp: true },
      { question: '树的左边是什么？' },
      { question: '描述一下这张图片。' },
      { question: 'What will the weather be like tomorrow?' },
    ],
  },
]

/** What the demo paints, the same at every run; few steps of a quick scheduler, as nobody likes to wait. */
export const demoPainting: Readonly<{ prompt: string; seed: number; steps: number; scheduler: SchedulerName }> = {
  prompt: '一只红色的猫',
  seed: 42,
  steps: 20,
  scheduler: 'dpm-solver++',
}

/** A prompt that is not painted: the word list reads through the disguise. */
export const demoBlocked = 'a p0rn picture'

/** Folder of what it paints, in the current one: replaced at every run. */
export const demoFolder = 'demo-output'

/** How to go on with a picture of one's own: [what it does, the command line]. */
export function nextSteps(command: string, t: Messages, paints: boolean): readonly (readonly [string, string])[] {
  return [
    [t.demo.ownPicture, `${command} chat cat.png "What is it?"`],
    [t.demo.talk, `${command} chat cat.png`],
    ...(paints ? [[t.demo.paintOwn, `${command} paint "a red cat" -o cat.png`] as const] : []),
    [t.demo.json, `${command} chat cat.png 这是什么？ --json`],
    [t.demo.original, `${command} chat cat.png --model viscpm_chat_balance_checkpoint.pt --vocab bee.txt`],
    [t.demo.help, `${command} --help`],
  ]
}
