/**
 * Characters that pass for Latin letters and that compatibility decomposition (NFKD) leaves alone, lower case, by the
 * letter that they pass for: Cyrillic, Greek, Armenian, Cherokee, phonetic and small capital letters.
 * Own selection, after the shapes listed in Unicode's confusables (UTS 39).
 */
const shapes: Readonly<Record<string, string>> = {
  a: 'аɑαᴀɐʌⱥꭺ∀',
  b: 'вьбʙɓƅβᏼƀ♭ъ',
  c: 'сϲᴄƈςⅽꮯȼ©¢',
  d: 'ԁɗᴅⅾđꭰð',
  e: 'еєҽᴇɛεəǝɘꭼ℮ɇ€',
  f: 'ғƒꜰẝ',
  g: 'ɡԍɢǥɠց',
  h: 'һհнʜħɦꮋћђ',
  i: 'іιɪıⅰɩꭵї¡',
  j: 'јϳᴊɉ',
  k: 'кκᴋƙҝқ',
  l: 'ⅼʟłɫⱡꮮ£',
  m: 'мᴍɱⅿ',
  n: 'пηոɴɲŋη',
  o: 'оοσօᴏøɵѳθ',
  p: 'рρᴘƥþ',
  q: 'ԛզգ',
  r: 'гʀɾɼᴦя®',
  s: 'ѕꜱʂꮪß§',
  t: 'тτᴛŧƭ†',
  u: 'υսᴜʋцμ',
  v: 'νѵᴠⅴ',
  w: 'ѡԝᴡωшщɯ',
  x: 'хχⅹҳ×ж',
  y: 'уγүʏƴɏ¥ч',
  z: 'ᴢʐƶȥз',
}

/** Letters in boxes and circles that have no decomposition: first of the 26, in order. */
const alphabets = [0x1f150, 0x1f170, 0x1f130, 0x1f1e6] as const

function table(): ReadonlyMap<number, number> {
  const map = new Map<number, number>()
  for (const [letter, similar] of Object.entries(shapes))
    for (const character of similar) map.set(character.codePointAt(0)!, letter.charCodeAt(0))
  for (const first of alphabets) for (let i = 0; i < 26; i++) map.set(first + i, 97 + i)
  return map
}

/** Code point to the code of the Latin letter that it passes for. */
export const lookAlikes: ReadonlyMap<number, number> = table()
