import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import './styles/index.css'
import { App } from './app/App.js'
import { createModel, start } from './app/model.js'
import { openOffline } from './offline/register.js'

const model = createModel()
void start(model)
const root = document.getElementById('root')
if (root === null) throw new Error('The page has no #root.')
if (import.meta.env.PROD) openOffline()
createRoot(root).render(
  <StrictMode>
    <App model={model} />
  </StrictMode>,
)
