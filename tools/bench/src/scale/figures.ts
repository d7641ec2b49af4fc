/** What was measured of the published models, as docs/performance.md has it. */
export interface Figures {
  readonly date: string
  /** Of the machine that was measured, all used by one job. */
  readonly cores: number
  /** Seconds. */
  readonly sight: number
  readonly firstToken: number
  readonly token: { readonly greedy: number; readonly beam: number }
  readonly readPrompt: number
  readonly pictureFast: number
  /** GB. */
  readonly memory: { readonly chat: number; readonly paint: number }
}

/** Beginning of a row, in the first column. */
const rows = {
  sight: '| first sight of a picture |',
  firstToken: '| first token, picture seen before,',
  greedy: '| decode, 1 beam, 200 tokens of context |',
  beam: '| mean step of 3 beams over',
  readPrompt: '| seconds of reading the prompt |',
  pictureFast: '| the same, int8 UNet and VAE |',
  chatMemory: '| peak memory, chat with its defaults',
  paintMemory: '| paint: peak of resident memory',
} as const

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, GB: 1 }

/** Reads the newest table of the published sizes. @throws Error naming what is missing */
export function figuresOf(page: string): Figures {
  const table = page.slice(
    page.indexOf('<!-- full-size table -->'),
    page.indexOf('<!-- end of the full-size table -->'),
  )
  const [, date, cores] = /^### (\d{4}-\d\d-\d\d): .*?(\d+) cores/m.exec(table) ?? []
  if (date === undefined) throw new Error('docs/performance.md has no table of the published sizes')
  const value = (name: keyof typeof rows): number => {
    const row = table.split('\n').find(line => line.startsWith(rows[name]))
    const [, number, unit] = /^([\d.]+)(?: \([\d.-]+\))? (ms|s|GB)$/.exec(row?.split('|')[2]?.trim() ?? '') ?? []
    if (number === undefined) throw new Error(`docs/performance.md has no row that begins with ${rows[name]}`)
    return Number(number) * units[unit!]!
  }
  return {
    date,
    cores: Number(cores),
    sight: value('sight'),
    firstToken: value('firstToken'),
    token: { greedy: value('greedy'), beam: value('beam') },
    readPrompt: value('readPrompt'),
    pictureFast: value('pictureFast'),
    memory: { chat: value('chatMemory'), paint: value('paintMemory') },
  }
}
