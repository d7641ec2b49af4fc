import { serveHost } from '@viscpm/core/host'
import { browserService } from './service.js'
import { ended } from './worker-messages.js'

// The script of the worker in which the models compute: the page stays free.
serveHost(
  {
    send: (message, transfer) => postMessage(message, { transfer: [...transfer] }),
    receive: listener => addEventListener('message', ({ data }) => listener(data)),
  },
  {
    importModule: async () => ({ browserService }),
    exit() {
      postMessage(ended)
      close()
    },
  },
)
