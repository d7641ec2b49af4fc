import type { EvasionResult, GroupResult, Report } from './report.js'
import { type Language, languages } from './sample.js'
import { type Rate, wilson } from './statistics.js'

export const hardGroup = 'hard, by hand'

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

const percent = (share: number): string => (share * 100).toFixed(share > 0 && share < 0.0995 ? 2 : 1)
/** "1.20 % (0.80-1.79)" */
const rateText = ({ rate, low, high }: Rate): string => `${percent(rate)} % (${percent(low)}-${percent(high)})`
const milliseconds = (value: number): string => (value < 10 ? value.toFixed(3) : value.toFixed(1))

/** All ordinary texts of a language together. The hard ones were looked for, so they say nothing of a share. */
function total(results: readonly GroupResult[], language: Language): GroupResult[] {
  const ordinary = results.filter(r => r.language === language && r.group !== hardGroup)
  const [first] = ordinary
  if (first === undefined) return []
  const sum = (of: 'count' | 'wrong' | 'unknown') => ordinary.reduce((all, result) => all + result[of], 0)
  const [count, wrong, unknown] = [sum('count'), sum('wrong'), sum('unknown')]
  return [{ ...first, group: '**all but the hard ones**', count, wrong, unknown, ...wilson(wrong, count) }]
}

function groupTable(results: readonly GroupResult[], wrong: string): string {
  const undecided = results.some(result => result.unknown > 0)
  return table(
    ['texts', 'language', 'count', wrong, 'rate (95 % interval)', ...(undecided ? ['undecided'] : [])],
    results.map(r => [r.group, r.language, r.count, r.wrong, rateText(r), ...(undecided ? [r.unknown] : [])]),
  )
}

function textTables(report: Report, checker: string): string {
  const own = report.groups.filter(result => result.checker === checker)
  const harmless = own.filter(result => !result.harmful)
  const withTotals = languages.flatMap(language => [
    ...harmless.filter(result => result.language === language),
    ...total(harmless, language),
  ])
  return [
    `Harmless texts that \`${checker}\` blocks (false positives):`,
    groupTable(withTotals, 'blocked'),
    `Harmful words, each in a sentence, that \`${checker}\` lets pass (false negatives):`,
    groupTable(
      own.filter(result => result.harmful),
      'passed',
    ),
  ].join('\n\n')
}

function evasionTable(results: readonly EvasionResult[], checkers: readonly string[]): string {
  const names = ['plain match', ...checkers]
  const at = (language: Language, kind: string, checker: string) =>
    results.find(r => r.language === language && r.kind === kind && r.checker === checker)
  const share = (found: number, count: number) => `${found} (${((100 * found) / count).toFixed(0)} %)`
  const rows = languages.flatMap(language => {
    const of = results.filter(r => r.language === language && r.checker === names[0])
    const sum = (checker: string) => results.filter(r => r.language === language && r.checker === checker).slice(1)
    const add = (list: readonly EvasionResult[], key: 'found' | 'count') => list.reduce((all, r) => all + r[key], 0)
    return [
      ...of.map(({ kind, count }) => [
        language,
        kind,
        count,
        ...names.map(name => share(at(language, kind, name)?.found ?? 0, count)),
      ]),
      [
        language,
        '**all disguises**',
        add(of.slice(1), 'count'),
        ...names.map(name => share(add(sum(name), 'found'), add(sum(name), 'count'))),
      ],
    ]
  })
  return `Words of the list in disguise that are found, without and with normalisation:

${table(['language', 'disguise', 'words', ...names], rows)}`
}

/** What does not depend on the machine, as Markdown. */
export function ratesMarkdown(report: Report): string {
  const checkers = [...new Set(report.groups.map(result => result.checker))]
  const parts = checkers.map(checker => textTables(report, checker))
  parts.push(evasionTable(report.evasion, checkers))
  if (report.unknownTokens.length > 0)
    parts.push(
      'Tokens of harmless texts that a vocabulary cannot spell ([UNK]):',
      table(
        ['checker', 'language', 'tokens', '[UNK]', 'share'],
        report.unknownTokens.map(u => [
          u.checker,
          u.language,
          u.tokens,
          u.unknown,
          `${percent(u.unknown / u.tokens)} %`,
        ]),
      ),
    )
  if (report.pictures.length > 0)
    parts.push(
      'Harmless pictures that are blocked. Harmful ones are not collected: what is found of them is not measured.',
      table(
        ['checker', 'pictures', 'blocked', 'undecided', 'rate (95 % interval)'],
        report.pictures.map(p => [p.checker, p.count, p.wrong, p.unknown, rateText(p)]),
      ),
    )
  return parts.join('\n\n')
}

/** How long checks take, as Markdown. */
export function latencyMarkdown({ latency, machine, date }: Report): string {
  const rows = latency.map(l => [
    l.checker,
    l.language,
    l.characters,
    l.runs,
    milliseconds(l.median),
    milliseconds(l.p95),
  ])
  return `Time of one check in milliseconds (${date}, ${machine.platform}, ${machine.cpu}, Node ${machine.node}):

${table(['checker', 'language', 'characters', 'checks', 'median', '95th percentile'], rows)}`
}

/** The first wrongly judged texts of each group. Harmful ones among them. */
export function wrongTexts({ groups, evasion, pictures }: Report, most: number): string {
  const lists = [
    ...groups.map(g => [
      `${g.checker} ${g.harmful ? 'lets pass' : 'blocks'}: ${g.group} (${g.language})`,
      g.wrongTexts,
    ]),
    ...evasion.map(e => [`${e.checker} misses: ${e.kind} (${e.language})`, e.missedTexts]),
    ...pictures.map(p => [`${p.checker} blocks`, p.wrongFiles]),
  ] as [string, readonly string[]][]
  return lists
    .filter(([, texts]) => texts.length > 0)
    .map(([title, texts]) => [title, ...texts.slice(0, most).map(text => `  ${JSON.stringify(text)}`)].join('\n'))
    .join('\n')
}
