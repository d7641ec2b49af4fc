export type Language = 'en' | 'zh'
export const languages: readonly Language[] = ['en', 'zh']

/** Texts of one origin in one language, all harmless or all harmful. */
export interface TextGroup {
  readonly name: string
  readonly language: Language
  readonly harmful: boolean
  readonly texts: readonly string[]
}

/** At most `most` of them, evenly spaced, so that a smaller run sees the same mixture. */
export function evenly<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all
  return Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]!)
}
