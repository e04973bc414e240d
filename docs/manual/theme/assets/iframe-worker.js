/* A web worker in a hidden frame, for pages opened from a disk: browsers start no workers there. */
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super()
      const home = new URL(url, location.href).href
      this.onmessage = null
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      document.body.appendChild(this.frame)
      const inside = this.frame.contentWindow
      const page = this.frame.contentDocument
      // in the frame: what a worker has; scripts are added one after the other
      inside.importScripts = (...urls) =>
        urls.reduce((before, each) => before.then(() => new Promise((done, failed) => {
          const script = page.createElement("script")
          script.src = new URL(each, home).href
          script.onload = done
          script.onerror = () => failed(new Error(`cannot load ${script.src}`))
          page.body.appendChild(script)
        })), Promise.resolve())
      inside.postMessage = data => this.receive(data)
      this.ready = inside.importScripts(home)
    }
    receive(data) {
      const message = new MessageEvent("message", { data })
      if (this.onmessage) this.onmessage(message)
      this.dispatchEvent(message)
    }
    postMessage(data) {
      const inside = this.frame.contentWindow
      this.ready.then(() => inside.dispatchEvent(new inside.MessageEvent("message", { data })))
    }
    terminate() {
      this.frame.remove()
    }
  }
  window.Worker = window.IFrameWorker
}
