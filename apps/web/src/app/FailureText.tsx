import { type ReactNode, useEffect, useState } from 'react'
import type { Failure } from '../chat/conversation.js'
import { useMessages } from '../i18n/index.js'
import { Icon } from '../ui/Icon.js'
import { SafetyText, type SafetyTextProps } from './SafetyText.js'

export interface FailureTextProps {
  readonly failure: Failure
  readonly onRetry: () => void
  readonly otherwise: SafetyTextProps['otherwise']
}

/** What went wrong, and the way out. */
export function FailureText({ failure, onRetry, otherwise }: FailureTextProps): ReactNode {
  const t = useMessages()
  const [wait, setWait] = useState(failure.retryAfter ?? 0)
  useEffect(() => {
    if (wait <= 0) return
    const timer = setTimeout(() => setWait(wait - 1), 1000)
    return () => clearTimeout(timer)
  }, [wait])
  if (failure.code === 'blocked') return <SafetyText notes={failure.safety} otherwise={otherwise} />
  const { title, way } = t.errors[failure.code]
  // The server's own words say more only where they name what is wrong.
  const named = failure.code === 'invalid' || failure.code === 'failed' || failure.code === 'too-long'
  return (
    <div className="explained failure">
      <Icon name="warn" />
      <div>
        <div role="alert">
          <strong>{title}</strong>
          <p>{way}</p>
          {named && (
            <p className="hint" lang="en">
              {t.errors.detail([failure.param, failure.message].filter(Boolean).join(': '))}
            </p>
          )}
        </div>
        {wait > 0 && <p className="hint">{t.errors.wait(wait)}</p>}
        <button type="button" className="secondary" disabled={wait > 0} onClick={onRetry}>
          <Icon name="again" size={16} />
          {failure.code.startsWith('key') ? t.errors.enterKey : t.retry}
        </button>
      </div>
    </div>
  )
}
