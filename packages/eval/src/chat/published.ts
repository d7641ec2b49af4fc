import type { ChatCategory } from './question.js'

/** A row of the original's table: scores relative to GPT-4's own answers, per cent. */
export interface PublishedChatRow {
  readonly model: string
  readonly size: string
  readonly scores: Readonly<Partial<Record<'en' | 'zh', Readonly<Record<ChatCategory | 'all', number>>>>>
}

/** Where the rows were published, and who judged. */
export const publishedChatSource = {
  source: 'OpenBMB/VisCPM, README, LLaVA Test Set',
  judge: 'GPT-4',
} as const

type Scores = readonly [conv: number, detail: number, complex: number, all: number]

function row(model: string, size: string, en: Scores, zh?: Scores): PublishedChatRow {
  const named = ([conv, detail, complex, all]: Scores) => ({ conv, detail, complex, all })
  return { model, size, scores: { en: named(en), ...(zh && { zh: named(zh) }) } }
}

/** The original's table. Its judge is retired: its figures stand beside those of another, and cannot be compared with them. */
export const publishedChatRows: readonly PublishedChatRow[] = [
  row('MiniGPT4', '13B', [65.0, 67.3, 76.6, 69.7]),
  row('InstructBLIP', '13B', [81.9, 68.0, 91.2, 80.5]),
  row('LLaVA', '13B', [89.5, 70.4, 96.2, 85.6]),
  row('mPLUG-Owl', '7B', [64.6, 47.7, 80.1, 64.2], [76.3, 61.2, 77.8, 72.0]),
  row('VisualGLM', '6B', [62.4, 63.0, 80.6, 68.7], [76.6, 87.8, 83.6, 82.7]),
  row('Ziya-Visual', '13B', [82.7, 69.9, 92.1, 81.7], [85.0, 74.7, 82.4, 80.8]),
  row('Qwen-VL', '7B', [82.4, 72.6, 91.9, 83.8], [82.3, 93.4, 89.5, 88.2]),
  row('VisCPM-Chat-balance', '10B', [83.3, 68.9, 90.5, 81.1], [92.7, 76.1, 89.2, 86.3]),
  row('VisCPM-Chat-zhplus', '10B', [80.1, 65.7, 92.5, 79.6], [90.3, 81.4, 92.1, 88.2]),
  row('VisCPM-Chat-v1.1', '10B', [80.1, 67.1, 97.1, 81.5], [91.3, 90.7, 95.4, 92.5]),
]
