import { connect, createServer } from "node:net";

/** A line between the browser and the node that can be cut: not every engine can be told to be offline. */
export class NetworkLine {
  /** @type {Set<import("node:net").Socket>} */
  #sockets = new Set();
  #isCut = false;
  #server;

  /** @param {number} port of the node */
  constructor(port) {
    this.#server = createServer((browser) => {
      if (this.#isCut) {
        browser.destroy();
        return;
      }
      const node = connect(port, "127.0.0.1");
      for (const [from, to] of [
        [browser, node],
        [node, browser],
      ]) {
        this.#sockets.add(from);
        from.pipe(to);
        from.on("error", () => to.destroy());
        from.on("close", () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
  }

  /**
   * @param {number} port where the browser finds it
   * @returns {Promise<void>}
   */
  listen(port) {
    return new Promise((resolve) => this.#server.listen(port, "127.0.0.1", () => resolve()));
  }

  cut() {
    this.#isCut = true;
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  mend() {
    this.#isCut = false;
  }

  close() {
    this.cut();
    this.#server.close();
  }
}
