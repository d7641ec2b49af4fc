import type { ReactNode } from 'react'
import type { Painted } from '../engine/types.js'
import { useMessages } from '../i18n/index.js'
import { BlobImage } from '../ui/BlobImage.js'
import { Icon } from '../ui/Icon.js'

export interface CandidatesProps {
  readonly candidates: readonly Painted[]
  readonly shown: number
  readonly onShow: (index: number) => void
}

/** All that were painted for one picture, best first, with what the ranker thinks of them. */
export function Candidates({ candidates, shown, onShow }: CandidatesProps): ReactNode {
  const t = useMessages().paint
  const order = candidates
    .map((candidate, index) => ({ candidate, index }))
    .sort((a, b) => compare(a.candidate, b.candidate) || a.index - b.index)
  const scored = candidates.some(candidate => candidate.score !== undefined)
  return (
    <div className="candidates">
      <h2 className="small-heading">{t.candidatesHeading}</h2>
      <ul aria-label={t.candidatesLabel}>
        {order.map(({ candidate, index }) => {
          const score = candidate.score?.toFixed(2)
          return (
            <li key={index}>
              <button
                type="button"
                aria-pressed={index === shown}
                onClick={() => onShow(index)}
                aria-label={[
                  t.show(index + 1),
                  candidate.chosen && t.chosen,
                  candidate.withheld && t.withheld,
                  score && t.scoreOf(score),
                ]
                  .filter(Boolean)
                  .join(', ')}
              >
                {candidate.withheld ? (
                  <span className="withheld">
                    <Icon name="shield" size={28} />
                  </span>
                ) : (
                  <BlobImage blob={candidate.picture} alt="" />
                )}
                <span className="candidate-foot">
                  {candidate.chosen && <Icon name="star" size={14} />}
                  {score ?? '–'}
                </span>
              </button>
            </li>
          )
        })}
      </ul>
      {scored && <p className="hint">{t.scoreHint}</p>}
    </div>
  )
}

/** The chosen one before the others, then by score; those without one last. */
function compare(a: Painted, b: Painted): number {
  if (a.chosen !== b.chosen) return a.chosen ? -1 : 1
  if (a.score === undefined || b.score === undefined)
    return Number(a.score === undefined) - Number(b.score === undefined)
  return b.score - a.score
}
