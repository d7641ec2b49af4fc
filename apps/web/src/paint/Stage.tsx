import type { ReactNode } from 'react'
import { FailureText } from '../app/FailureText.js'
import { useModel } from '../app/model.js'
import { SafetyText } from '../app/SafetyText.js'
import { langOfText, useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { BlobImage } from '../ui/BlobImage.js'
import { Icon } from '../ui/Icon.js'
import { Candidates } from './Candidates.js'
import { PictureActions } from './PictureActions.js'
import type { Run } from './service.js'

/** The picture that is being painted, or was painted last. */
export function Stage(): ReactNode {
  const t = useMessages()
  const { paint } = useModel()
  const run = useStore(paint.store, state => state.run)
  return (
    <section className="stage" aria-label={t.paint.painting}>
      <StageContent run={run} />
      <p className="visually-hidden" role="status">
        {run && announcement(run, t.paint, t.seconds)}
      </p>
    </section>
  )
}

type Words = ReturnType<typeof useMessages>['paint']

/** Told to those who listen: what began and what came of it, not every step. */
function announcement(run: Run, t: Words, seconds: (n: number) => string): string {
  if (run.status === 'running') return t.phases[run.progress?.phase ?? 'started'] ?? t.painting
  if (run.status === 'cancelled') return t.cancelled
  if (run.status === 'painted' && run.reply) {
    return t.finished(run.reply.candidates.length, seconds(run.reply.took / 1000))
  }
  return ''
}

function StageContent({ run }: { run: Run | undefined }): ReactNode {
  const { paint } = useModel()
  const t = useMessages()
  if (run === undefined) return <Idle />
  if (run.status === 'running') return <Painting run={run} />
  if (run.status === 'cancelled') return <p className="stage-note">{t.paint.cancelled}</p>
  if (run.status === 'failed' && run.failure) {
    return <FailureText failure={run.failure} onRetry={() => void paint.paint()} otherwise="prompt" />
  }
  if (run.status === 'painted' && run.reply) return <Result run={run} />
  return <SafetyText notes={run.reply?.safety ?? run.failure?.safety ?? []} otherwise="prompt" />
}

function Idle(): ReactNode {
  const t = useMessages().paint
  const { paint } = useModel()
  return (
    <div className="stage-idle">
      <span className="welcome-mark" aria-hidden="true">
        <Icon name="brush" size={34} />
      </span>
      <p>{t.idle}</p>
      <h2 className="small-heading">{t.examples}</h2>
      <ul className="examples">
        {t.exampleList.map(prompt => (
          <li key={prompt}>
            <button
              type="button"
              className="secondary"
              onClick={() => {
                paint.fill({ prompt })
                document.getElementById('prompt')?.focus()
              }}
            >
              {prompt}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Painting({ run }: { run: Run }): ReactNode {
  const t = useMessages().paint
  const { progress, previews, step, steps } = run
  const phase = progress?.phase ?? 'started'
  const stepping = steps > 0 && (phase === 'denoise' || phase === 'started')
  const [done, total] = stepping ? [step, steps] : [progress?.done ?? 0, progress?.total]
  const queued = phase === 'queued'
  return (
    <div className="stage-painting">
      <div className={`previews of-${Math.min(4, Math.max(1, previews.length))}`}>
        {previews.length === 0 && <span className="preview-space" aria-hidden="true" />}
        {previews.map((preview, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the how many-th is what it is
          <BlobImage key={i} blob={preview} alt={t.preview(i + 1)} className="preview" />
        ))}
      </div>
      <div className="progress-row">
        <progress
          aria-label={t.painting}
          {...(queued || total === undefined ? {} : { value: Math.min(done, total), max: total })}
        />
        <p>
          {t.phases[phase] ?? t.painting}
          {stepping ? ` · ${t.step(step, steps)}` : ''}
          {queued && done > 0 ? ` · ${t.waiting(done)}` : ''}
        </p>
      </div>
    </div>
  )
}

function Result({ run }: { run: Run }): ReactNode {
  const t = useMessages()
  const { paint } = useModel()
  const { reply } = run
  if (reply === undefined) return null
  const { candidates, settings } = reply
  const shown = candidates[run.shown]
  const withheld = candidates.filter(candidate => candidate.withheld).length
  if (shown === undefined) return null
  const kept = run.kept[run.shown]
  return (
    <div className="stage-result">
      <figure>
        {shown.withheld ? (
          <SafetyText notes={shown.safety} otherwise="painted" />
        ) : (
          <BlobImage blob={shown.picture} alt={settings.prompt} lang={langOfText(settings.prompt)} className="shown" />
        )}
        <figcaption className="hint">
          {t.together(
            t.paint.finished(candidates.length, t.seconds(reply.took / 1000)),
            ...(settings.seed === undefined ? [] : [t.paint.seedOf(settings.seed)]),
            ...(withheld === 0
              ? []
              : [withheld === candidates.length ? t.safety.allBlocked : t.safety.someBlocked(withheld)]),
          )}
        </figcaption>
      </figure>
      {!shown.withheld && (
        <PictureActions picture={shown.picture} settings={settings}>
          <button
            type="button"
            className="secondary"
            disabled={kept !== undefined}
            onClick={() => paint.keep(run.shown)}
          >
            <Icon name={kept === undefined ? 'plus' : 'check'} size={18} />
            {kept === undefined ? t.paint.keep : t.paint.keptAlready}
          </button>
        </PictureActions>
      )}
      {candidates.length > 1 && <Candidates candidates={candidates} shown={run.shown} onShow={i => paint.show(i)} />}
    </div>
  )
}
