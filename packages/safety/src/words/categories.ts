/** Kinds of words of the embedded list. */
export type WordCategory = 'sexual' | 'hate' | 'violence' | 'self-harm' | 'drugs' | 'profanity'

export const wordCategories: readonly WordCategory[] = ['sexual', 'hate', 'violence', 'self-harm', 'drugs', 'profanity']
