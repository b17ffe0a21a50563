/**
 * Tells the lab's page, in whose frame this page is, what it shows: the messages in their order,
 * each time they change; how its connection is; and when Enter is pressed. Served by the lab's
 * nodes alone.
 */
const origin = "LAB_ORIGINS".split(" ").find((one) => new URL(one).hostname === location.hostname);
const room = location.pathname.split("/")[2] ?? "";
const now = () => (performance.timeOrigin + performance.now()) / 1000;

/** @param {object} told */
function tell(told) {
  parent.postMessage({ ...told, room, at: now() }, origin ?? location.origin);
}

let told = "";

function page() {
  const messages = /** @type {HTMLElement[]} */ ([
    ...document.querySelectorAll("li.message[data-seq]"),
  ]);
  const rows = messages
    .map((row) => [
      Number(row.dataset.seq),
      row.dataset.id ?? "",
      row.dataset.clientId ?? "",
      row.querySelector(".message-body")?.textContent ?? "",
    ])
    .filter(([seq]) => seq);
  const shown = JSON.stringify(rows);
  if (shown !== told) {
    told = shown;
    tell({ kind: "page", rows });
  }
}

if (origin && parent !== window) {
  let due = false;
  const list = document.querySelector("ol.messages");
  // After the frame in which it is drawn.
  const later = () => {
    if (!due) {
      due = true;
      requestAnimationFrame(() =>
        setTimeout(() => {
          due = false;
          page();
        }),
      );
    }
  };
  if (list) {
    const attributeFilter = ["data-seq", "data-id"];
    new MutationObserver(later).observe(list, { subtree: true, childList: true, attributeFilter });
    later();
    // Who looks away hears of a page that is still there.
    setInterval(() => {
      told = "";
      page();
    }, 5000);
  }
  const connection = document.querySelector("#connection-state");
  if (connection instanceof HTMLElement) {
    const phase = () => tell({ kind: "phase", phase: connection.dataset.phase ?? "" });
    new MutationObserver(phase).observe(connection, { attributeFilter: ["data-phase"] });
    phase();
  }
  addEventListener(
    "keydown",
    ({ key, isTrusted }) => {
      if (key === "Enter" && isTrusted) {
        tell({ kind: "keystroke" });
      }
    },
    true,
  );
}
