import type { Lang } from '../locale.js'

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Bytes as people read them: 19.2 GiB. */
export function formatBytes(bytes: number): string {
  let unit = 0
  let value = bytes
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** Large numbers as people say them: 10.32B, 103.2亿. */
export function formatCount(count: number, lang: Lang): string {
  const locale = lang === 'zh' ? 'zh-CN' : 'en'
  return new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 4 }).format(count)
}

/** Milliseconds as seconds with one decimal. */
export function formatSeconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u

/** Columns that a text takes in a terminal: Chinese characters take two. Colour codes take none. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text.replace(/\u001b\[[0-9;]*m/g, '')) width += wide.test(character) ? 2 : 1
  return width
}

/** Fills up with spaces to a number of columns. */
export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)))
}
