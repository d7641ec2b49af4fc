import { createContext, useContext } from 'react'
import { en, type Messages } from './en.js'
import { zh } from './zh.js'

export type { Messages } from './en.js'
export type Language = 'en' | 'zh'

export const messages: Readonly<Record<Language, Messages>> = { en, zh }

/** Value of a `lang` attribute. */
export const langOf: Readonly<Record<Language, string>> = { en: 'en', zh: 'zh-CN' }

/** The first of the browser's languages that the page speaks. */
export function preferredLanguage(languages: readonly string[]): Language {
  for (const tag of languages) {
    if (/^zh\b/i.test(tag)) return 'zh'
    if (/^en\b/i.test(tag)) return 'en'
  }
  return 'en'
}

/** How dates are written: as the browser's person does it, in the page's language. */
export function localeOf(language: Language): string {
  return navigator.languages.find(tag => tag.startsWith(language)) ?? langOf[language]
}

/** `lang` of what a person or a model wrote: undefined where the page's own language will do. */
export function langOfText(text: string): string | undefined {
  if (/\p{Script=Han}/u.test(text)) return langOf.zh
  return /\p{Script=Latin}/u.test(text) ? langOf.en : undefined
}

export const LanguageContext: React.Context<Language> = createContext<Language>('en')

export function useMessages(): Messages {
  return messages[useContext(LanguageContext)]
}
