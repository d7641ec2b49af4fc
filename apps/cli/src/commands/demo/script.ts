import type { Messages } from '../../messages/index.js'

export interface DemoTurn {
  readonly question: string
  /** Cannot be answered without the turn before. */
  readonly followUp?: boolean
}

/** What the demo asks about its pictures, one list a picture. The questions do not depend on the interface's language. */
export const demoTurns: readonly (readonly DemoTurn[])[] = [
  [{ question: '这是什么？' }, { question: '它是什么颜色？', followUp: true }, { question: 'What is it?' }],
  [
    { question: 'What is in the picture?' },
    { question: 'How many things are there?' },
    { question: '描述一下这张图片。' },
  ],
]

/** How to go on with a picture of one's own: [what it does, the command line]. */
export function nextSteps(command: string, t: Messages): readonly (readonly [string, string])[] {
  return [
    [t.demo.ownPicture, `${command} chat cat.png "What is it?"`],
    [t.demo.talk, `${command} chat cat.png`],
    [t.demo.json, `${command} chat cat.png 这是什么？ --json`],
    [t.demo.original, `${command} chat cat.png --model viscpm_chat_balance_checkpoint.pt --vocab bee.txt`],
    [t.demo.help, `${command} --help`],
  ]
}
