import { type AuditLine, policyOf, Safety, type SafetySetup, WordListChecker } from '@viscpm/safety'
import { InputBlocked } from './blocked.js'

/**
 * Asks the word list, which needs no loading, about the texts of a picture: what it blocks should not cost the time of
 * loading a painter, which asks everybody again.
 * @throws InputBlocked; WriteFailedError where the audit's file cannot be written
 */
export async function checkBeforeLoading(
  { preset, audit }: SafetySetup,
  texts: { readonly prompt: string; readonly negativePrompt?: string | undefined },
  signal: AbortSignal,
): Promise<void> {
  const lines: AuditLine[] = []
  const safety = new Safety({
    policy: policyOf(preset),
    prompt: [new WordListChecker()],
    audit: line => void lines.push(line),
  })
  for (const [stage, text] of [
    ['prompt', texts.prompt],
    ['negative-prompt', texts.negativePrompt ?? ''],
  ] as const) {
    if (text === '') continue
    const decision = await safety.checkText(stage, text, { signal })
    if (decision.action !== 'block') continue
    // Lines of what passes are the painter's to write.
    if (audit !== undefined) {
      const sink = (await import('@viscpm/safety/node')).auditFile(audit)
      for (const line of lines) await sink(line)
    }
    throw new InputBlocked(stage, decision)
  }
}
