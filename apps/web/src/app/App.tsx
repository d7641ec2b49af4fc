import { type ReactNode, useEffect, useRef, useState } from 'react'
import { ChatView } from '../chat/ChatView.js'
import { LanguageContext, langOf, messages } from '../i18n/index.js'
import { PaintView } from '../paint/PaintView.js'
import { useStore } from '../store/store.js'
import { NoticeList } from '../ui/Notices.js'
import { Banners } from './Banners.js'
import { Header } from './Header.js'
import { KeyDialog } from './KeyDialog.js'
import { languageOf, type Model, ModelContext } from './model.js'
import { useView } from './route.js'
import { SettingsDialog } from './SettingsDialog.js'

export function App({ model }: { model: Model }): ReactNode {
  const preferences = useStore(model.preferences, state => state)
  const language = languageOf(preferences)
  const t = messages[language]
  const view = useView()
  const main = useRef<HTMLElement>(null)
  const [settings, setSettings] = useState(false)
  useEffect(() => {
    document.documentElement.lang = langOf[language]
    document.title = `${t.views[view]} – ${t.title}`
  }, [language, t, view])
  useEffect(() => {
    if (preferences.theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = preferences.theme
  }, [preferences.theme])
  const first = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the focus follows the view
  useEffect(() => {
    // A view that was gone to is where reading goes on; the first one leaves the focus to the browser.
    if (!first.current) main.current?.focus()
    first.current = false
  }, [view])
  return (
    <ModelContext value={model}>
      <LanguageContext value={language}>
        <button type="button" className="skip" onClick={() => main.current?.focus()}>
          {t.skip}
        </button>
        <Header view={view} onSettings={() => setSettings(true)} />
        <Banners />
        <main id="main" ref={main} tabIndex={-1} className={`view view-${view}`} aria-labelledby="view-heading">
          {view === 'chat' ? <ChatView /> : <PaintView />}
        </main>
        <NoticeList />
        {settings && <SettingsDialog onClose={() => setSettings(false)} />}
        <KeyDialog />
      </LanguageContext>
    </ModelContext>
  )
}
