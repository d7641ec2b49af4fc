import type { ReactNode } from 'react'
import { places } from '../engine/choose.js'
import { useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { Icon, IconButton } from '../ui/Icon.js'
import { useModel } from './model.js'

/** What holds for the whole page: nobody to compute, nothing kept. */
export function Banners(): ReactNode {
  return (
    <div className="banners">
      <EngineBanner />
      <StorageBanner />
    </div>
  )
}

function EngineBanner(): ReactNode {
  const t = useMessages()
  const { engine, preferences } = useModel()
  const { status, error, place } = useStore(engine.store, state => state)
  if (status !== 'away' && status !== 'key') return null
  const { title, way } = t.errors[error?.code ?? 'away']
  return (
    <div className="banner" role="alert">
      <Icon name="warn" />
      <p>
        <strong>{t.sentence(title)}</strong> {way}
      </p>
      <div className="banner-actions">
        <button type="button" className="text-button" onClick={() => void engine.connect()}>
          {status === 'key' ? t.errors.enterKey : t.retry}
        </button>
        {place === 'server' && places.includes('browser') && (
          <button
            type="button"
            className="text-button"
            onClick={() => {
              preferences.set({ place: 'browser' })
              void engine.use('browser')
            }}
          >
            {t.errors.useBrowser}
          </button>
        )}
      </div>
    </div>
  )
}

function StorageBanner(): ReactNode {
  const t = useMessages()
  const { trouble } = useModel()
  const what = useStore(trouble, state => state.trouble)
  if (what === undefined) return null
  return (
    <div className="banner" role="alert">
      <Icon name="warn" />
      <p>{t.kept[what]}</p>
      <IconButton icon="close" label={t.dismiss} onClick={() => trouble.set({ trouble: undefined })} />
    </div>
  )
}
