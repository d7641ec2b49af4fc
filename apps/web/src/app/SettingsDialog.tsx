import { type ReactNode, useEffect, useState } from 'react'
import { places } from '../engine/choose.js'
import { useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { Dialog } from '../ui/Dialog.js'
import { Choice } from './Choice.js'
import { useModel } from './model.js'

export function SettingsDialog({ onClose }: { onClose: () => void }): ReactNode {
  const t = useMessages()
  const { preferences } = useModel()
  const chosen = useStore(preferences, state => state)
  return (
    <Dialog title={t.settings} onClose={onClose}>
      <PlaceSettings />
      <Choice
        label={t.language.label}
        value={chosen.language}
        options={[
          { value: 'system', label: t.language.system },
          { value: 'en', label: 'English', lang: 'en' },
          { value: 'zh', label: '中文', lang: 'zh-CN' },
        ]}
        onChange={language => preferences.set({ language })}
      />
      <Choice
        label={t.theme.label}
        value={chosen.theme}
        options={[
          { value: 'system', label: t.theme.system },
          { value: 'light', label: t.theme.light },
          { value: 'dark', label: t.theme.dark },
        ]}
        onChange={theme => preferences.set({ theme })}
      />
      <KeptSettings onClose={onClose} />
    </Dialog>
  )
}

function PlaceSettings(): ReactNode {
  const t = useMessages()
  const { engine, preferences } = useModel()
  const { place, models, hasKey, status } = useStore(engine.store, state => state)
  return (
    <>
      <Choice
        label={t.place.label}
        value={place}
        options={places.map(value => ({
          value,
          label: t.place[value],
          hint: value === 'server' ? t.place.serverHint : t.place.browserHint,
        }))}
        onChange={chosen => {
          preferences.set({ place: chosen })
          void engine.use(chosen)
        }}
      />
      <p className="hint" role="status">
        {t.together(
          t.place.now(t.place.chip[place], t.place.state[status]),
          ...(models.length > 0 ? [t.place.models([...new Set(models.map(model => model.id))].join(', '))] : []),
        )}
      </p>
      {hasKey && (
        <button type="button" className="secondary" onClick={() => engine.forgetKey()}>
          {t.key.forget}
        </button>
      )}
    </>
  )
}

function KeptSettings({ onClose }: { onClose: () => void }): ReactNode {
  const t = useMessages()
  const { chat, paint, shelves, notices } = useModel()
  const [sure, setSure] = useState(false)
  const [estimate, setEstimate] = useState<StorageEstimate>()
  useEffect(() => {
    // Not every browser tells; then nothing is said about it.
    navigator.storage?.estimate?.().then(setEstimate, () => {})
  }, [])
  const removeAll = async (): Promise<void> => {
    chat.clear()
    paint.clear()
    await shelves.clear()
    notices.tell(t.kept.deleted)
    onClose()
  }
  return (
    <section className="kept">
      <h3>{t.kept.label}</h3>
      <p className="hint">
        {t.together(
          t.kept.explain,
          ...(estimate?.usage !== undefined && estimate.quota
            ? [t.kept.used(bytesText(estimate.usage), bytesText(estimate.quota))]
            : []),
        )}
      </p>
      {sure ? (
        <div role="alert">
          <p>{t.kept.sure}</p>
          <div className="dialog-actions">
            <button type="button" className="secondary" onClick={() => setSure(false)}>
              {t.cancel}
            </button>
            <button type="button" className="danger" onClick={() => void removeAll()}>
              {t.paint.remove}
            </button>
          </div>
        </div>
      ) : (
        <button type="button" className="secondary" onClick={() => setSure(true)}>
          {t.kept.deleteAll}
        </button>
      )}
    </section>
  )
}

function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`
}
