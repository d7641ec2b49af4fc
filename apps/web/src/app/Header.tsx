import { type ReactNode, useContext } from 'react'
import { LanguageContext, langOf, useMessages } from '../i18n/index.js'
import { useStore } from '../store/store.js'
import { Icon, IconButton } from '../ui/Icon.js'
import { useModel } from './model.js'
import { hrefOf, type View } from './route.js'
import seal from './seal.svg'

const views: readonly View[] = ['chat', 'paint']

export function Header({ view, onSettings }: { view: View; onSettings: () => void }): ReactNode {
  const t = useMessages()
  const { preferences } = useModel()
  const language = useContext(LanguageContext)
  const other = language === 'zh' ? 'en' : 'zh'
  return (
    <header className="top">
      <span className="brand">
        <img src={seal} alt="" width="28" height="28" />
        <span className="brand-name">{t.title}</span>
      </span>
      <nav aria-label={t.viewsLabel} className="views">
        {views.map(name => (
          <a key={name} href={hrefOf(name)} aria-current={name === view ? 'page' : undefined}>
            <Icon name={name === 'chat' ? 'chat' : 'brush'} size={18} />
            {t.views[name]}
          </a>
        ))}
      </nav>
      <div className="tools">
        <PlaceChip onClick={onSettings} />
        <button
          type="button"
          className="text-button language"
          lang={langOf[other]}
          aria-label={t.switchLanguageLabel}
          onClick={() => preferences.set({ language: other })}
        >
          {t.switchLanguage}
        </button>
        <IconButton icon="sliders" label={t.settings} onClick={onSettings} />
      </div>
    </header>
  )
}

function PlaceChip({ onClick }: { onClick: () => void }): ReactNode {
  const t = useMessages().place
  const { engine } = useModel()
  const { place, status } = useStore(engine.store, state => state)
  return (
    <button type="button" className={`chip ${status}`} onClick={onClick}>
      <span className="dot" aria-hidden="true" />
      <span className="chip-place">{t.chip[place]}</span>
      <span className={status === 'ready' ? 'visually-hidden' : 'chip-state'}>{t.state[status]}</span>
    </button>
  )
}
