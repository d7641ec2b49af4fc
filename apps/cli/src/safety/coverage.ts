import type { Stage } from '@viscpm/core'
import { isPictureStage, policyOf, type SafetyState, safetyPresets } from '@viscpm/safety'
import type { Context } from '../context.js'
import type { Messages } from '../messages/index.js'
import { colorsFor } from '../terminal/colors.js'
import { oneLine } from '../terminal/printable.js'

/** Stages that each command passes, in the order of the pipelines. */
export const stagesOf: Readonly<Record<'chat' | 'ask' | 'paint', readonly Stage[]>> = {
  chat: ['chat-text', 'chat-answer', 'chat-picture'],
  ask: ['chat-text', 'chat-answer'],
  paint: ['prompt', 'negative-prompt', 'source-picture', 'painted-picture'],
}

/** Who checks a stage, or why nobody does. */
export function checkersText({ policy, coverage }: SafetyState, stage: Stage, t: Messages): string {
  const names = coverage[stage]
  if (names !== 'none') return names.join(', ')
  const preset = safetyPresets.find(known => known === policy)
  return preset !== undefined && !policyOf(preset).checks(stage) ? t.safety.unchecked : t.safety.noChecker
}

/** What covers what, in one line: `safety strict: texts: word-list; pictures: no checker`. */
export function coverageText(state: SafetyState, stages: readonly Stage[], t: Messages): string {
  const groups = [
    [t.safety.texts, stages.filter(stage => !isPictureStage(stage))],
    [t.safety.pictures, stages.filter(isPictureStage)],
  ] as const
  const parts = groups.flatMap(([name, members]) => {
    const who = members.map(stage => checkersText(state, stage, t))
    if (new Set(who).size > 1) return members.map((stage, i) => t.safety.covered(t.safety.what[stage], who[i]!))
    return who[0] === undefined ? [] : [t.safety.covered(name, who[0])]
  })
  return parts.join(t.safety.separator)
}

/** Says at the start what is checked, unless it is said elsewhere; that nothing is checked is always said. */
export function announce(
  { io, t }: Context,
  state: SafetyState,
  stages: readonly Stage[],
  { quiet = false, json = false }: { readonly quiet?: boolean; readonly json?: boolean },
): void {
  const { dim, yellow } = colorsFor(io.stderr, io.env)
  if (state.policy === 'off') io.stderr.write(`${yellow(t.safety.off)}\n`)
  else if (!quiet && !json)
    io.stderr.write(`${dim(oneLine(t.safety.policy(state.policy, coverageText(state, stages, t))))}\n`)
}
