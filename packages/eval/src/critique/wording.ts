import { languageOf } from '@viscpm/core'

/** What a critic says to the chat, in one language. */
export interface CritiqueWording {
  /** Asks for a description. */
  readonly describe: string
  /** Asks what is shown. */
  readonly what: string
  /** The prompt as an answer to `what`. */
  readonly shows: (prompt: string) => string
  /** Asks whether the picture shows the prompt. */
  readonly isThis: (prompt: string) => string
  /** How an answer to `isThis` begins. */
  readonly yes: string
  readonly no: string
}

const wordings: Readonly<Record<'en' | 'zh', CritiqueWording>> = {
  en: {
    describe: 'Describe the picture.',
    what: 'What is this?',
    shows: prompt => `It is ${prompt}.`,
    isThis: prompt => `Is this ${prompt}?`,
    yes: 'Yes',
    no: 'No',
  },
  zh: {
    describe: '描述一下这张图片。',
    what: '这是什么？',
    shows: prompt => `这是${prompt}。`,
    isThis: prompt => `这是${prompt}吗？`,
    yes: '是的',
    no: '不是',
  },
}

/** The wording in the prompt's language, told by its script. */
export function wordingFor(prompt: string): CritiqueWording {
  return wordings[languageOf(prompt)]
}
