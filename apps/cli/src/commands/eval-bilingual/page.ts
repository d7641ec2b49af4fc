import { escapeXml } from '@viscpm/core/report'
import type { BilingualCard } from '@viscpm/eval'
import { htmlPage, htmlTable } from '../../html/page.js'
import type { Lang } from '../../locale.js'
import type { BilingualMessages } from '../../messages/eval/bilingual-types.js'
import { bilingualCharts } from './charts.js'
import { bilingualSections } from './sections.js'

/** The figures as one HTML file: no scripts, nothing from elsewhere. */
export function bilingualPage(card: BilingualCard, text: BilingualMessages, lang: Lang): string {
  const heading = (title: string) => `<h2>${escapeXml(title)}</h2>`
  const tables = bilingualSections(card, text).map(({ title, head, rows, notes }) =>
    [
      heading(title),
      htmlTable(head, rows),
      `<ul class="notes">${notes.map(note => `<li>${escapeXml(note)}</li>`).join('')}</ul>`,
    ].join('\n'),
  )
  const charts = bilingualCharts(card, text).map(
    ({ title, chart }) => `${heading(title)}\n<figure>\n${chart}\n</figure>`,
  )
  const different = card.answers?.different ?? []
  return htmlPage(text.title, lang, [
    `<h1>${escapeXml(text.title)}</h1>`,
    ...tables,
    ...charts,
    ...(different.length > 0
      ? [
          heading(text.differentAnswers),
          htmlTable(
            ['', 'English', '中文'],
            different.map(({ id, en, zh }) => [id, en, zh]),
          ),
        ]
      : []),
    `<details><summary>${escapeXml(text.settings)}</summary><pre>${escapeXml(JSON.stringify(card.settings, undefined, 2))}</pre></details>`,
  ])
}
