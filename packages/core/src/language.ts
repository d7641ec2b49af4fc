/** 'zh' when the text has more Han characters than Latin words, else 'en'. */
export function languageOf(text: string): 'zh' | 'en' {
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0
  const words = text.match(/\p{Script=Latin}+/gu)?.length ?? 0
  return han > words ? 'zh' : 'en'
}
