import { embeddedWords } from '@viscpm/safety'

const escaped = (word: string): string => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/**
 * The same list without any reading through disguises: English words whole, in any case; Chinese ones anywhere. What the
 * normalisation is worth is the difference to this.
 */
export function plainMatch(): (text: string) => boolean {
  const english = Object.values(embeddedWords.en)
    .flat()
    .map(word => {
      const inner = escaped(word.replace(/^\*|\*$/g, ''))
      return `${word.startsWith('*') ? '' : '\\b'}${inner}${word.endsWith('*') ? '' : '\\b'}`
    })
  const anyEnglish = new RegExp(english.join('|'), 'i')
  const chinese = Object.values(embeddedWords.zh).flat()
  return text => anyEnglish.test(text) || chinese.some(word => text.includes(word))
}
