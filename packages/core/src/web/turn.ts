/**
 * Lets messages and timers in. WebAssembly computes on this thread, and what a finished run resolves goes on before them:
 * without this a worker would hear of an abort only at the end. A timer would wait 4 ms each time.
 */
export function turn(): Promise<void> {
  return new Promise(resolve => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
