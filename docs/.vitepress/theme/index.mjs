// The default theme with the fonts of the reader's system: none is fetched, and Chinese looks as elsewhere.
import theme from 'vitepress/theme-without-fonts'
import './style.css'

export default theme
