/** The stream's world in a browser: a ticket over HTTP, a WebSocket, the page's timers. */
import { call, Problem } from "./api"
import type { Config } from "./config"
import type { Session } from "./session"
import type { World } from "./stream"

export function browserWorld(config: Config, session: Session): World {
  return {
    async address(signal) {
      const ask = { method: "POST", token: session.token, signal } as const
      const said = await call(`${config.apis.pipeline}/v1/live/ticket`, ask)
      const { ticket } = said as { ticket: string }
      return `${config.live}?ticket=${encodeURIComponent(ticket)}`
    },
    open(address, heard) {
      const socket = new WebSocket(address)
      socket.addEventListener("open", () => heard.opened())
      socket.addEventListener("message", (event) => heard.message(String(event.data)))
      socket.addEventListener("close", () => heard.closed())
      return {
        send: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text)
        },
        close: () => socket.close(),
      }
    },
    fatal: (error) => error instanceof Problem && (error.status === 401 || error.status === 403),
    now: () => Date.now(),
    later(act, ms) {
      const timer = setTimeout(act, ms)
      return () => clearTimeout(timer)
    },
    random: Math.random,
  }
}
