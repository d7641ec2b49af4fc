const specials = ['<pad>', '<unk>', '<mask>', '<sep>', '</n>', '</_>', '<s>', '</s>', '<root>', '<ans>', '<option>']

/**
 * A vocabulary of `size` made-up entries that CpmBeeTokenizer takes: specials, printable ASCII, the Chinese characters of
 * Unicode's main block, then words of letters.
 * @throws RangeError when there is not even room for the first two
 */
export function synthVocabulary(size: number): string {
  const characters = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => String.fromCodePoint(from + i))
  const tokens = [...specials, ...characters(0x21, 0x7f)]
  if (size < tokens.length) throw new RangeError(`a vocabulary has at least ${tokens.length} entries, not ${size}`)
  for (const character of characters(0x4e00, 0x9fa6)) if (tokens.length < size) tokens.push(character)
  for (let i = 0; tokens.length < size; i++) tokens.push(wordOf(i))
  return `${tokens.join('\n')}\n`
}

/** aaaa, baaa, ... : four letters or more, each word once. */
function wordOf(index: number): string {
  let word = ''
  for (let rest = index; rest > 0 || word.length < 4; rest = Math.floor(rest / 26))
    word += String.fromCharCode(0x61 + (rest % 26))
  return word
}
