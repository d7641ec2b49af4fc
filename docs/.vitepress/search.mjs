// @ts-check

/**
 * Words of a text for the search, in both languages: Latin words and numbers, and of Chinese, which has no spaces, every
 * two neighbouring characters. It is sent to the browser as its source, so nothing outside of it can be used.
 * @param {string} text
 * @returns {string[]} lower case
 */
export function searchWords(text) {
  const words = /** @type {string[]} */ ([])
  for (const [run] of text.toLowerCase().matchAll(/[\u3400-\u9fff]+|[a-z0-9_\u00c0-\u024f]+/g)) {
    if (!/[\u3400-\u9fff]/.test(run) || run.length === 1) words.push(run)
    else for (let i = 0; i + 1 < run.length; i++) words.push(run.slice(i, i + 2))
  }
  return words
}
