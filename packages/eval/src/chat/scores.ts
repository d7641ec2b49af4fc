/**
 * Scores of the two answers, of a reply's first line: two numbers from 1 to 10 and nothing else, a space or comma between.
 * @returns undefined where that is not so: such a reply says nothing and must not be counted as a number
 * Source: LLaVA, eval_gpt_review_visual, whose (-1, -1) for such replies goes into its means.
 */
export function parseScores(reply: string): readonly [number, number] | undefined {
  const [line = ''] = reply.trimStart().split('\n')
  const parts = line.trim().split(/\s*[,，]\s*|\s+/)
  const [first, second] = parts.map(part => (/^\d+(\.\d+)?$/.test(part) ? Number(part) : Number.NaN))
  const inRange = (score = Number.NaN): boolean => score >= 1 && score <= 10
  return parts.length === 2 && inRange(first) && inRange(second) ? [first!, second!] : undefined
}
